import type { RunComparison } from '../../history/compare-runs.ts'
import type { ComparedMetric } from '../../history/compared-metrics.ts'

/** `GET /api/comparison?run=NAME&run=NAME…`: what differs between runs, and how well each did. */
export interface ComparisonAnswer extends RunComparison {
  /** What they were evaluated by, side by side. */
  readonly evaluations: readonly ComparedMetric[]
  /** The best training loss of the last steps; null where none is better. */
  readonly bestTrainLoss: number | null
  /** For each run the steps of an epoch; null before it began. */
  readonly stepsPerEpoch: readonly (number | null)[]
  /** Each run with those that it goes back to, itself first: whose steps its history is made of. */
  readonly lineages: readonly (readonly Lineage[])[]
}

/** A stretch of a run's log that is part of another one's history. */
export interface Lineage {
  readonly run: string
  /** Its steps beyond the first and up to the second; null for all there are. */
  readonly after: number
  readonly until: number | null
  readonly version: number
}
