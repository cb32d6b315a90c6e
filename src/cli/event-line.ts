import pc from 'picocolors'
import type { RecordedEvent } from '../events/recorded-event.ts'
import { formatNumber, formatTime, plainText } from './format.ts'

/** An event on one line: version, time, type, and the parts of its data that fit. */
export function eventLine({ version, at, type, data }: RecordedEvent): string {
  const fields = typeof data === 'object' && data !== null ? Object.entries(data) : []
  const told = fields.flatMap(([name, value]) => {
    const shown = shortly(value)
    return shown === undefined ? [] : [`${pc.dim(plainText(name))} ${shown}`]
  })
  return `${String(version).padStart(6)}  ${pc.dim(formatTime(at))}  ${pc.bold(plainText(type))}  ${told.join('  ')}`
}

/** A value in a few characters; nothing for what does not fit on a line. */
function shortly(value: unknown): string | undefined {
  if (typeof value === 'number') return formatNumber(value)
  if (typeof value === 'string') return plainText(value.length > 60 ? `${value.slice(0, 57)}…` : value)
  if (typeof value === 'boolean') return String(value)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const numbers = Object.entries(value).filter(([, inner]) => typeof inner === 'number')
  if (numbers.length === 0) return undefined
  const told = numbers.slice(0, 6).map(([name, inner]) => `${plainText(name)} ${formatNumber(inner as number)}`)
  return `(${told.join(', ')}${numbers.length > 6 ? ', …' : ''})`
}
