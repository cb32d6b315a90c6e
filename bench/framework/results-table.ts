import { formatNumber, formatTable } from '../../src/cli/format.ts'
import type { Result } from './report.ts'
import { reaches, type Spread } from './statistics.ts'

const head = ['case', 'ours', 'peer', "the peer's", 'ratio', 'target']

/** Results as a table for a terminal. */
export function resultsTable(results: readonly Result[]): string {
  return formatTable(head, results.map(cellsOf))
}

/** Results as a table of Markdown. */
export function markdownTable(results: readonly Result[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...results.map(result => line(cellsOf(result)))].join('\n')
}

function cellsOf(result: Result): string[] {
  const { ours, peer, peerName, oursSpread, peerSpread, unit, ratio, missing } = result
  return [
    result.case,
    `${measured(ours, oursSpread)} ${unit}`,
    peerName ?? '',
    peer === null || peerSpread === null ? (missing === undefined ? '' : 'not installed') : measured(peer, peerSpread),
    ratio === null ? '' : formatRatio(ratio),
    targetOf(result),
  ]
}

function measured(value: number, [smallest, largest]: Spread): string {
  return smallest === largest ? short(value) : `${short(value)} (${short(smallest)}–${short(largest)})`
}

/** Three digits say all that repeated measurements agree in. */
function short(value: number): string {
  return formatNumber(Number.isInteger(value) ? value : Number(value.toPrecision(3)))
}

function formatRatio(ratio: number): string {
  return `${short(Number(ratio.toPrecision(3)))}×`
}

function targetOf({ target, met, ours, ratio, better }: Result): string {
  if (target === null) return ''
  const parts: string[] = []
  if (target.ours !== undefined) {
    const reached = reaches(ours, target.ours, better)
    parts.push(`${better === 'lower' ? '≤' : '≥'} ${short(target.ours)}${reached ? '' : ' (missed)'}`)
  }
  if (target.ratio !== undefined) {
    const missed = met === false && (ratio === null || ratio < target.ratio)
    parts.push(`ratio ≥ ${short(target.ratio)}${met === null ? ' (unknown)' : missed ? ' (missed)' : ''}`)
  }
  return parts.join(', ')
}
