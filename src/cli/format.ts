import { stripVTControlCharacters } from 'node:util'
import Table from 'cli-table3'
import pc from 'picocolors'

/** A table without lines: a bold head over aligned columns. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return layOut([head.map(name => pc.bold(name)), ...rows])
}

/** Names with their values, one a line, the values aligned. */
export function formatList(rows: readonly (readonly [name: string, value: string])[]): string {
  return layOut(rows.map(([name, value]) => [pc.dim(name), value]))
}

function layOut(rows: readonly (readonly string[])[]): string {
  const blank = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '' }
  const edges = { 'bottom-left': '', 'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '' }
  const table = new Table({
    chars: { ...blank, ...edges, right: '', 'right-mid': '', middle: '  ' },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  })
  table.push(...rows.map(row => [...row]))
  return table.toString().replace(/ +$/gm, '')
}

/** How wide the longest line of a text is, colours left out. */
export function widthOf(text: string): number {
  return Math.max(...text.split('\n').map(line => stripVTControlCharacters(line).length))
}

/** Kept, since making one takes longer than a hundred numbers. */
const wholeNumbers = new Intl.NumberFormat('en-US')

/** A number with as many digits as a person wants to read. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  // Added to nothing, minus zero is zero.
  if (Number.isInteger(value)) return wholeNumbers.format(value + 0)
  const size = Math.abs(value)
  return size >= 1e-3 && size < 1e4 ? String(Number(value.toPrecision(4))) : value.toExponential(2)
}

/** A count with its noun: `1 step`, `2,000 steps`. */
export function formatCount(count: number, noun: string): string {
  return `${formatNumber(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** A size in decimal units: `3.2 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)))
  return power === 0 ? `${bytes} bytes` : `${(bytes / 1000 ** power).toFixed(1)} ${units[power]}`
}

/** A share as a percentage: `3.5 %`. */
export function formatShare(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

/** A moment in the reader's zone: `2026-11-22 21:04:05`. */
export function formatTime(at: number): string {
  const date = new Date(at)
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/**
 * Text that came from outside, with a blank for everything that a terminal would obey: control characters, escapes,
 * line breaks, and marks that turn the direction of what follows.
 */
export function plainText(text: string): string {
  return text.replace(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, ' ')
}
