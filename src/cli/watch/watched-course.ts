import { bucketWidth } from '../../history/measured/buckets.ts'
import { MeasuredSeries } from '../../history/measured/measured-series.ts'
import { readMeasured } from '../../history/measured/read-measured.ts'
import { summariesAt } from '../../history/metrics-at.ts'
import type { Journal } from '../../journal/journal.ts'
import { layerSplit } from '../../metrics/layer-chart.ts'
import type { SeriesKey } from '../../metrics/metrics-home.ts'
import type { Observation } from '../../metrics/observation.ts'
import type { RunningSummary } from '../../metrics/running-summary.ts'
import { SplitSummary } from '../../metrics/split-summary.ts'
import type { DrawnPoints } from './sparkline.ts'

/** Buckets of a series: more than a terminal has columns, and few enough to be drawn again several times a second. */
const mostBuckets = 256

/** A moment of a run, and the steps of its course until then. */
export interface CourseMoment {
  readonly version: number
  readonly first: number
  readonly last: number
}

/**
 * What a run measured on its course, thinned out as far as a terminal can show it. What each series came to is known at once;
 * its points are read bit by bit, so that a run of a million steps is shown while it is still being read.
 */
export class WatchedCourse {
  readonly #first: number
  readonly #splits = new Map<string, SplitSummary>()
  readonly #earlier: Generator<void, void, undefined>
  #width: number
  #series: MeasuredSeries

  constructor(journal: Journal, stream: string, { version, first, last }: CourseMoment) {
    this.#first = first
    this.#width = bucketWidth(last - first + 1, mostBuckets)
    this.#series = new MeasuredSeries(this.#width)
    for (const { split, metric, summary } of summariesAt(journal, stream, version)) {
      this.#summaryOf(split).series.set(metric, summary)
    }
    this.#earlier = readMeasured(
      journal,
      stream,
      { until: version, after: 0, from: 0, to: Number.MAX_SAFE_INTEGER },
      {
        rows: (split, block, from, to) => this.#series.takeRows(split, block, from, to),
        observation: observation => this.#series.take(observation),
      },
    )
  }

  /**
   * Reads on in what was measured before the moment.
   *
   * @param milliseconds for how long
   * @returns whether all of it is read; only then may more be taken
   */
  readOn(milliseconds: number): boolean {
    const began = performance.now()
    while (this.#earlier.next().done !== true) if (performance.now() - began > milliseconds) return false
    return true
  }

  /** Takes what was measured next; single layers are not shown. */
  take(observation: Observation): void {
    const { split, step } = observation
    if (split === layerSplit) return
    this.#summaryOf(split).take(observation)
    if (step - this.#first >= 2 * mostBuckets * this.#width) this.#widen()
    this.#series.take(observation)
  }

  /** Every series, in the order in which they were first measured. */
  keys(): SeriesKey[] {
    return [...this.#splits].flatMap(([split, { series }]) => Array.from(series.keys(), metric => ({ split, metric })))
  }

  /** What a series has come to; undefined where there is none. */
  summary({ split, metric }: SeriesKey): RunningSummary | undefined {
    return this.#splits.get(split)?.series.get(metric)
  }

  /** The points of a series, each the mean of some steps. */
  points(key: SeriesKey): DrawnPoints {
    const { steps, values, means } = this.#series.thinned(key)
    return means ?? { steps, values }
  }

  #widen(): void {
    this.#width *= 2
    const wider = new MeasuredSeries(this.#width)
    wider.takeAll(this.#series, 0, Number.MAX_SAFE_INTEGER)
    this.#series = wider
  }

  #summaryOf(split: string): SplitSummary {
    const summary = this.#splits.get(split) ?? new SplitSummary()
    this.#splits.set(split, summary)
    return summary
  }
}
