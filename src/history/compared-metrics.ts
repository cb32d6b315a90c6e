import { type Better, betterSide } from '../metrics/metric-words.ts'
import type { RunComparison } from './compare-runs.ts'
import type { Difference } from './differences.ts'
import type { MetricStanding } from './metrics-at.ts'

/** A metric that some of the compared runs were evaluated by. */
export interface ComparedMetric {
  readonly split: string
  readonly metric: string
  /** In the order of the runs; null for one that was not evaluated by it. */
  readonly standings: readonly (MetricStanding | null)[]
  /** The best value that any of them has, where one is better than another. */
  readonly winner: number | null
}

/** What the runs were evaluated by, side by side, in the order in which it was first measured. */
export function comparedMetrics(comparison: RunComparison): ComparedMetric[] {
  const { runs } = comparison
  const series = new Map(
    runs.flatMap(({ metrics }) => metrics.map(each => [JSON.stringify([each.split, each.metric]), each] as const)),
  )
  return Array.from(series.values(), ({ split, metric }) => {
    const standings = runs.map(
      ({ metrics }) => metrics.find(each => each.split === split && each.metric === metric) ?? null,
    )
    const bests = standings.map(standing => standing?.best ?? null)
    return { split, metric, standings, winner: bestOf(bests, sideOf(comparison, split, metric)) }
  })
}

/** The best of several values; null where neither side is better, or all are the same. */
export function bestOf(values: readonly (number | null | undefined)[], side: Better | undefined): number | null {
  const numbers = values.flatMap(value => (typeof value === 'number' && !Number.isNaN(value) ? [value] : []))
  const best = side === 'lower' ? Math.min(...numbers) : Math.max(...numbers)
  return side !== undefined && numbers.some(value => value !== best) ? best : null
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
