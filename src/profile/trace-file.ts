import { closeSync, existsSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { describeError } from '../errors/chronograd-error.ts'
import { ProfileError } from './profile-error.ts'

/** How many characters are gathered before they go to the disk. */
const pieceSize = 1 << 16

/** What every file of ours begins with, by which it is known. */
const opening = '[\n{"name":"process_name","ph":"M","args":{"name":"chronograd'

/** What a span in the file is about. */
type Arguments = Readonly<Record<string, unknown>>

/**
 * A file in the JSON array form of the Trace Event Format, which Perfetto and Chrome's tracing page open. It is written
 * in pieces of whole events, so it can be read at any time: the format lets the closing bracket be missing.
 *
 * Times are milliseconds of one clock. Where the disk takes no more, the file ends with the last event that it took.
 */
export class TraceFile {
  readonly #descriptor: number
  readonly #onFull: (error: unknown) => void
  #gathered = ''
  #written = 0
  #isFull = false

  /**
   * @param file is made; one that is there already must be an earlier trace of ours, and is overwritten
   * @param options `about`: what the viewer calls the process, after "chronograd"; `lines`: the names of its lines, the
   *   uppermost first; `onFull` is told, once, why no more could be written
   * @throws ProfileError
   */
  constructor(
    file: string,
    {
      about,
      lines,
      onFull,
    }: { readonly about: string; readonly lines: readonly string[]; readonly onFull: (error: unknown) => void },
  ) {
    this.#onFull = onFull
    try {
      if (existsSync(file)) assertTrace(file)
      this.#descriptor = openSync(file, 'w')
    } catch (error) {
      if (error instanceof ProfileError) throw error
      throw new ProfileError(`The profile ${file} cannot be written (${describeError(error)}); name another file.`, {
        cause: error,
      })
    }
    const name = JSON.stringify(`chronograd ${about}`).slice(1 + 'chronograd'.length)
    this.#gathered = `${opening}${name}},"pid":${process.pid},"tid":0,"ts":0}`
    for (const [line, name] of lines.entries()) {
      this.#write(line, { name: 'thread_name', ph: 'M', ts: 0, args: { name } })
      this.#write(line, { name: 'thread_sort_index', ph: 'M', ts: 0, args: { sort_index: line } })
    }
    this.flush()
  }

  /** A span begins on a line. */
  begin(line: number, name: string, at: number, args: Arguments = {}): void {
    this.#write(line, { name, ph: 'B', ts: microseconds(at), args })
  }

  /** The span ends that began last on the line. */
  end(line: number, name: string, at: number): void {
    this.#write(line, { name, ph: 'E', ts: microseconds(at) })
  }

  /** A span that is over already. */
  complete(line: number, name: string, from: number, to: number, args: Arguments): void {
    const ts = microseconds(from)
    this.#write(line, { name, ph: 'X', ts, dur: toThousandths(microseconds(to) - ts), args })
  }

  /** Brings to the disk what was gathered. */
  flush(): void {
    const piece = Buffer.from(this.#gathered)
    this.#gathered = ''
    if (this.#isFull) return
    try {
      for (let done = 0; done < piece.length; ) done += writeSync(this.#descriptor, piece, done)
      this.#written += piece.length
    } catch (error) {
      this.#isFull = true
      ftruncateSync(this.#descriptor, this.#written)
      this.#onFull(error)
    }
  }

  /** Closes the file for good; no event may follow. */
  close(): void {
    this.#gathered += '\n]\n'
    this.flush()
    closeSync(this.#descriptor)
  }

  #write(tid: number, event: object): void {
    this.#gathered += `,\n${JSON.stringify({ ...event, pid: process.pid, tid })}`
    if (this.#gathered.length >= pieceSize) this.flush()
  }
}

/** @throws ProfileError when a file is something else, so that nothing is lost by a slip of the pen */
function assertTrace(file: string): void {
  const descriptor = openSync(file, 'r')
  try {
    const start = Buffer.alloc(opening.length)
    readSync(descriptor, start)
    if (start.toString() === opening) return
  } finally {
    closeSync(descriptor)
  }
  throw new ProfileError(`The file ${file} is no profile of Chronograd's, so it is not overwritten; give another name.`)
}

/** Milliseconds as the format has them: microseconds, here to the nanosecond. */
function microseconds(milliseconds: number): number {
  return toThousandths(milliseconds * 1_000)
}

function toThousandths(value: number): number {
  return Math.round(value * 1_000) / 1_000
}
