import { readFileSync } from 'node:fs'
import * as assert from 'uvu/assert'

/** An event as the Trace Event Format has it. */
interface TraceEvent {
  readonly name: string
  readonly ph: string
  readonly ts: number
  readonly pid: number
  readonly tid: number
  readonly dur?: number
  readonly args?: Readonly<Record<string, string | number>>
}

/** A span of a trace, in microseconds. */
export interface Span {
  readonly name: string
  /** The name of its line. */
  readonly line: string
  readonly from: number
  /** Infinity where the trace ends before the span does. */
  readonly to: number
  /** The names of the spans that it lies in, the outermost first. */
  readonly within: readonly string[]
  readonly args: Readonly<Record<string, string | number>>
}

/**
 * The spans of a trace file, those of a line in the order in which they began. The file is read by the rules of the
 * format: its last bracket may be missing, every event must have its fields, and spans of a line must lie within each
 * other or apart.
 */
export function readTrace(file: string): { readonly process: string; readonly spans: readonly Span[] } {
  const text = readFileSync(file, 'utf8').trimEnd()
  const events: TraceEvent[] = JSON.parse(text.endsWith(']') ? text : `${text}]`)
  const lines = new Map<number, string>()
  const processes = new Set<unknown>()
  for (const { name, ph, ts, pid, tid, dur, args } of events) {
    assert.type(name, 'string')
    assert.ok(['M', 'B', 'E', 'X'].includes(ph), ph)
    for (const number of [ts, pid, tid, ...(ph === 'X' ? [dur] : [])]) assert.ok(Number.isFinite(number), name)
    assert.is(pid, events[0]?.pid)
    if (ph === 'M' && name === 'thread_name') lines.set(tid, String(args?.name))
    if (ph === 'M' && name === 'process_name') processes.add(args?.name)
  }
  assert.is(processes.size, 1)
  const spans = [...lines].flatMap(([tid, line]) =>
    spansOfLine(
      events.filter(event => event.tid === tid && event.ph !== 'M'),
      line,
    ),
  )
  assert.is(spans.length, events.filter(({ ph }) => ph === 'B' || ph === 'X').length, 'spans on lines that have a name')
  return { process: String([...processes][0]), spans }
}

function spansOfLine(events: readonly TraceEvent[], line: string): Span[] {
  const spans: { -readonly [Key in keyof Span]: Span[Key] }[] = []
  const open: (typeof spans)[number][] = []
  // Viewers sort by time, and keep the file's order where it is the same.
  for (const { name, ph, ts, dur = 0, args = {} } of events.toSorted((one, other) => one.ts - other.ts)) {
    while ((open.at(-1)?.to ?? Number.POSITIVE_INFINITY) <= ts) open.pop()
    if (ph === 'E') {
      const ended = open.pop()
      assert.is(ended?.name, name, 'what ends is what began last')
      assert.is(ended?.to, Number.POSITIVE_INFINITY)
      if (ended !== undefined) ended.to = ts
      continue
    }
    const to = ph === 'X' ? ts + dur : Number.POSITIVE_INFINITY
    const around = open.at(-1)
    assert.ok(to <= (around?.to ?? Number.POSITIVE_INFINITY), `${name} ends before ${around?.name} around it`)
    const span = { name, line, from: ts, to, within: open.map(each => each.name), args }
    spans.push(span)
    open.push(span)
  }
  return spans
}
