import type { Points } from './growing-points.ts'
import type { Observation } from './observation.ts'
import type { RunningSummary } from './running-summary.ts'

/** A moment worth a line in a plot: the attempt that went on after a step, or the epoch that was done with it. */
export interface Mark {
  readonly kind: 'resumed' | 'epoch'
  readonly step: number
  /** The attempt's or the epoch's number, from 1. */
  readonly number: number
}

/** One measured quantity: `loss` of the split `train`. */
export interface SeriesKey {
  readonly split: string
  readonly metric: string
}

export interface SeriesSummary extends SeriesKey {
  readonly summary: RunningSummary
}

export interface SeriesPoints extends SeriesKey, Points {}

/**
 * Where the metrics of a collector lie: in memory, or in the tables that the metrics subscriber keeps of a run. Both
 * hold the same for the same observations.
 */
export interface MetricsHome {
  /** Takes in what was measured at one step. */
  add(observation: Observation): void
  /** Takes in a mark. A resume drops everything beyond its step, marks included, as if it had never been measured. */
  addMark(mark: Mark): void
  /** Forgets everything. */
  clear(): void
  /** Every series with what it comes to, in the order of their first points. */
  summaries(): readonly SeriesSummary[]
  /** The points of one series; none where there is no such series. */
  points(key: SeriesKey): Points
  /** The points of all series at once, which is quicker than one after another. */
  allPoints(): readonly SeriesPoints[]
  /** What was measured, step after step. */
  observations(): Iterable<Observation>
  /** The marks in the order of their steps. */
  marks(): readonly Mark[]
}

/** What a series is called: its split and its metric, such as `train_loss`, or the metric alone where there is no split. */
export function seriesName({ split, metric }: SeriesKey): string {
  return split === '' ? metric : `${split}_${metric}`
}
