import pc from 'picocolors'
import type { RunComparison } from '../history/compare-runs.ts'
import { bestOf, comparedMetrics } from '../history/compared-metrics.ts'
import type { MetricStanding } from '../history/metrics-at.ts'
import type { Better } from '../metrics/metric-words.ts'
import { formatNumber, plainText } from './format.ts'
import type { NamedRow } from './side-by-side.ts'

/**
 * What the runs' latest evaluations measured, a row a metric, with the best that there was where that is another value.
 */
export function evaluationRows(comparison: RunComparison): NamedRow[] {
  const compared = comparedMetrics(comparison)
  if (compared.length === 0) return []
  const splits = new Set(compared.map(({ split }) => split))
  const steps = comparison.runs.map(({ metrics }) =>
    metrics.reduce((last, { latestStep }) => Math.max(last, latestStep), 0),
  )
  const rows = compared.map(({ split, metric, standings, winner }): NamedRow => {
    return {
      name: plainText(splits.size === 1 ? metric : `${split} ${metric}`),
      cells: standings.map((standing, index) => (standing ? standingCell(standing, steps[index] ?? 0, winner) : '')),
    }
  })
  return [{ name: 'at step', cells: steps.map(step => (step === 0 ? '' : String(step))) }, ...rows]
}

function standingCell(
  { latest, latestStep, best, bestStep }: MetricStanding,
  step: number,
  winner: number | null,
): string {
  const told = `${marked(latest, winner)}${latestStep === step ? '' : pc.dim(` at ${latestStep}`)}`
  return best === null || best === latest ? told : `${told} (best ${marked(best, winner)} at ${bestStep})`
}

/** A value and the step at which it was measured. */
interface MeasuredValue {
  readonly value: number
  readonly step: number
}

/** Values beside each other, each with its step, the best one marked. */
export function valueCells(values: readonly (MeasuredValue | null)[], side: Better | undefined): string[] {
  const winner = bestOf(
    values.map(measured => measured?.value),
    side,
  )
  return values.map(measured =>
    measured === null ? '' : `${marked(measured.value, winner)} ${pc.dim(`at ${measured.step}`)}`,
  )
}

function marked(value: number, winner: number | null): string {
  return value === winner ? pc.bold(pc.green(formatNumber(value))) : formatNumber(value)
}
