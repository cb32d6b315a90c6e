import type { Thinned } from '../../history/measured/buckets.ts'

/** A series of a run as a picture shows it. */
export interface SeriesLine extends Thinned {
  readonly split: string
  readonly metric: string
}

/** A chart of some of the series. */
export interface SeriesChart {
  readonly name: string
  readonly title: string
  readonly axis: string
  readonly scale: 'linear' | 'logarithmic' | 'auto'
  readonly lines: readonly {
    readonly label: string
    /** The place of its series in the answer. */
    readonly series: number
    /** A place in the palette. */
    readonly colour: number
    readonly stroke: 'solid' | 'dashed' | 'dotted'
    /** Whether it is read by its trend. */
    readonly smooth: boolean
  }[]
}

/** Something that happened at a step. */
export interface SeriesMark {
  readonly kind: 'resumed' | 'evaluation' | 'checkpoint' | 'diagnosis'
  readonly step: number
  readonly label: string
}

/** The learning rates of steps that are still to come, in their order: of every bucket the lowest and the highest, and the last. */
export interface PlannedRates {
  readonly steps: readonly number[]
  readonly values: readonly number[]
}

/** What was measured, for charts. */
export interface SeriesAnswer {
  readonly version: number
  readonly from: number
  readonly to: number
  /** The last step of the run's course after that version. */
  readonly lastStep: number
  readonly series: readonly SeriesLine[]
  readonly charts: readonly SeriesChart[]
  readonly marks: readonly SeriesMark[]
  readonly stepsPerEpoch: number | null
  /** Null where they are not known, or nothing comes any more. Not among news where they are as before, but for those done. */
  readonly planned?: PlannedRates | null
}

/**
 * `GET /api/runs/:run/series?until=VERSION&from=STEP&to=STEP&points=N`: what was measured. With `since=VERSION&width=N`, as an
 * earlier answer to the same question has them, only what has changed since, where that says everything.
 */
export interface SeriesNews extends SeriesAnswer {
  /** The version since which the changes are told; null where everything is told. */
  readonly since: number | null
  /** The series and the marks are told from this step on; before it they are as they were. */
  readonly told: number
  /** How many steps a bucket has, of which at most two points are told. */
  readonly width: number
}
