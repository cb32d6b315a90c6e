import pc from 'picocolors'
import type { RunComparison } from '../history/compare-runs.ts'
import type { Difference } from '../history/differences.ts'
import type { MetricStanding } from '../history/metrics-at.ts'
import { type Better, betterSide } from '../metrics/metric-words.ts'
import { formatNumber, plainText } from './format.ts'
import type { NamedRow } from './side-by-side.ts'

/**
 * What the runs' latest evaluations measured, a row a metric, with the best that there was where that is another value.
 */
export function evaluationRows(comparison: RunComparison): NamedRow[] {
  const { runs } = comparison
  const series = new Map(
    runs.flatMap(({ metrics }) => metrics.map(each => [`${each.split} ${each.metric}`, each] as const)),
  )
  if (series.size === 0) return []
  const splits = new Set([...series.values()].map(({ split }) => split))
  const steps = runs.map(({ metrics }) => metrics.reduce((last, { latestStep }) => Math.max(last, latestStep), 0))
  const rows = [...series].map(([name, { split, metric }]): NamedRow => {
    const standings = runs.map(({ metrics }) => metrics.find(each => each.split === split && each.metric === metric))
    const side = sideOf(comparison, split, metric)
    const best = bestOf(
      standings.map(standing => standing?.best),
      side,
    )
    return {
      name: plainText(splits.size === 1 ? metric : name),
      cells: standings.map((standing, index) => (standing ? standingCell(standing, steps[index] ?? 0, best) : '')),
    }
  })
  return [{ name: 'at step', cells: steps.map(step => (step === 0 ? '' : String(step))) }, ...rows]
}

function standingCell(
  { latest, latestStep, best, bestStep }: MetricStanding,
  step: number,
  winner: number | undefined,
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

function marked(value: number, winner: number | undefined): string {
  return value === winner ? pc.bold(pc.green(formatNumber(value))) : formatNumber(value)
}

/** The best of several values; undefined where neither side is better, or all are the same. */
function bestOf(values: readonly (number | null | undefined)[], side: Better | undefined): number | undefined {
  const numbers = values.flatMap(value => (typeof value === 'number' && !Number.isNaN(value) ? [value] : []))
  const best = side === 'lower' ? Math.min(...numbers) : Math.max(...numbers)
  return side !== undefined && numbers.some(value => value !== best) ? best : undefined
}

/**
 * Which side of a metric is better, by what the runs are judged by or by its name. Undefined where neither is, where the
 * runs do not agree, and where it was not measured alike: on other data, or, of a loss, in other batches.
 */
export function sideOf({ runs, settings, data }: RunComparison, split: string, metric: string): Better | undefined {
  const isLoss = metric === 'loss' || metric === 'splitLoss'
  if (isOtherData(data, split) || (isLoss && settings.some(({ path }) => /^(batchSize|loss)\b/.test(path))))
    return undefined
  const judged = runs.flatMap(({ judgedBy }) => (judgedBy?.name === metric ? [judgedBy.better] : []))
  const sides = new Set(judged.length > 0 ? judged : [betterSide(metric)])
  return sides.size === 1 ? [...sides][0] : undefined
}

/** Whether the data of a split differs in more than what it is called. */
export function isOtherData(data: readonly Difference[], split: string): boolean {
  return data.some(({ path }) => path === split || path === `${split}.sha256`)
}
