import pc from 'picocolors'
import type { RecordedEvent } from '../events/recorded-event.ts'
import { formatNumber, formatTime, plainText } from './format.ts'

/** What says nothing to a person who skims a log; `--json` prints it. */
const passedOver: ReadonlySet<string> = new Set(['config', 'configHash', 'environment', 'samples', 'progress', 'stack'])

const longestText = 80
const mostFields = 8

/**
 * An event on one line: version, time, type, and the parts of its data that fit.
 *
 * @param superseded the attempt that went on from before the event's step, where one did: the line is faint then
 * @param time when it happened, in words
 */
export function eventLine(
  { version, at, type, data }: RecordedEvent,
  superseded?: number,
  time: string = formatTime(at),
): string {
  const told = fieldsOf(data).map(([name, value]) => `${pc.dim(plainText(name))} ${value}`)
  const mark = superseded === undefined ? [] : [`superseded by attempt ${superseded}`]
  const head = `${String(version).padStart(6)}  ${pc.dim(time)}  ${pc.bold(plainText(type).padEnd(20))}`
  const line = `${head}  ${[...mark, ...told].join('  ')}`.trimEnd()
  return superseded === undefined ? line : pc.dim(line)
}

/** The fields of a value that can be told, each with its text. */
function fieldsOf(value: unknown): (readonly [name: string, text: string])[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => {
    const text = passedOver.has(name) ? undefined : shortly(name, inner)
    return text === undefined ? [] : [[name, text] as const]
  })
}

/** A value in a few characters; nothing where there is nothing to tell. */
function shortly(name: string, value: unknown): string | undefined {
  if (typeof value === 'number') return formatNumber(value)
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'string') {
    const longest = name === 'sha256' ? 12 : longestText
    return plainText(value.length > longest ? `${value.slice(0, longest - 1)}…` : value)
  }
  if (Array.isArray(value)) {
    return value.length > 0 && value.every(item => typeof item === 'string')
      ? shortly(name, value.join(', '))
      : undefined
  }
  const fields = fieldsOf(value)
  if (fields.length === 0) return undefined
  const told = fields.slice(0, mostFields).map(([inner, text]) => `${plainText(inner)} ${text}`)
  return `(${told.join(', ')}${fields.length > mostFields ? ', …' : ''})`
}
