import { GrowingPoints, type Points } from './growing-points.ts'
import { MetricError } from './metric-error.ts'
import {
  type Mark,
  type MetricsHome,
  type SeriesKey,
  type SeriesPoints,
  type SeriesSummary,
  seriesName,
} from './metrics-home.ts'
import type { Observation } from './observation.ts'
import { RunningSummary } from './running-summary.ts'

interface MemorySeries extends SeriesKey {
  readonly points: GrowingPoints
  summary: RunningSummary
}

/** Keeps metrics in memory: two columns of doubles and a running summary for each series, and no object for a point. */
export class MemoryHome implements MetricsHome {
  readonly #splits = new Map<string, Map<string, MemorySeries>>()
  /** Every series by its name. */
  readonly #names = new Map<string, MemorySeries>()
  #marks: Mark[] = []

  /** @throws MetricError when two series would be called the same; nothing is taken in then */
  add({ split, step, values }: Observation): void {
    const known = this.#splits.get(split)
    const metrics = Object.keys(values)
    for (const metric of metrics) {
      if (known?.has(metric) !== true) this.#assertFree({ split, metric })
    }
    for (const metric of metrics) {
      const { points, summary } = known?.get(metric) ?? this.#begin({ split, metric })
      const value = values[metric] ?? Number.NaN
      points.push(step, value)
      summary.take(step, value)
    }
  }

  addMark(mark: Mark): void {
    if (mark.kind === 'resumed') this.#dropAfter(mark.step)
    const same = ({ kind, step }: Mark) => kind === mark.kind && step === mark.step
    this.#marks = [...this.#marks.filter(other => !same(other)), mark].sort(byPlace)
  }

  clear(): void {
    this.#splits.clear()
    this.#names.clear()
    this.#marks = []
  }

  summaries(): readonly SeriesSummary[] {
    return [...this.#all()]
  }

  points({ split, metric }: SeriesKey): Points {
    const series = this.#splits.get(split)?.get(metric)
    return (series?.points ?? new GrowingPoints()).toPoints()
  }

  allPoints(): readonly SeriesPoints[] {
    return [...this.#all()].map(({ split, metric, points }) => ({ split, metric, ...points.toPoints() }))
  }

  *observations(): Generator<Observation> {
    const splits = Array.from(this.#splits, ([split, series]) => new SplitCursor(split, series.values()))
    for (;;) {
      // At the same step the split that was there first goes first: a step is measured before it is evaluated.
      let next: SplitCursor | undefined
      for (const split of splits) {
        if (split.step < (next?.step ?? Number.POSITIVE_INFINITY)) next = split
      }
      if (next === undefined) return
      yield next.take()
    }
  }

  marks(): readonly Mark[] {
    return this.#marks
  }

  *#all(): Generator<MemorySeries> {
    for (const series of this.#splits.values()) yield* series.values()
  }

  #assertFree(key: SeriesKey): void {
    const other = this.#names.get(seriesName(key))
    if (other === undefined) return
    throw new MetricError(
      `The metric "${key.metric}" of "${key.split}" and the metric "${other.metric}" of "${other.split}" would both be called ${seriesName(key)}; rename one.`,
    )
  }

  #begin(key: SeriesKey): MemorySeries {
    const series = { ...key, points: new GrowingPoints(), summary: new RunningSummary() }
    const split = this.#splits.get(key.split) ?? new Map<string, MemorySeries>()
    this.#splits.set(key.split, split.set(key.metric, series))
    this.#names.set(seriesName(key), series)
    return series
  }

  #dropAfter(step: number): void {
    for (const [split, allSeries] of this.#splits) {
      for (const [metric, series] of allSeries) {
        const { points } = series
        const before = points.length
        points.dropAfter(step)
        if (points.length === 0) {
          allSeries.delete(metric)
          this.#names.delete(seriesName(series))
        } else if (points.length < before) series.summary = summaryOf(points)
      }
      if (allSeries.size === 0) this.#splits.delete(split)
    }
    this.#marks = this.#marks.filter(mark => mark.step <= step)
  }
}

/** Walks over the series of one split side by side, step by step. */
class SplitCursor {
  /** The earliest step that is still to come; infinite at the end. */
  step = Number.POSITIVE_INFINITY
  readonly #split: string
  readonly #series: readonly { readonly metric: string; readonly points: GrowingPoints; place: number }[]

  constructor(split: string, series: Iterable<MemorySeries>) {
    this.#split = split
    this.#series = Array.from(series, ({ metric, points }) => ({ metric, points, place: 0 }))
    this.#advance()
  }

  /** What was measured at the next step. */
  take(): Observation {
    const { step } = this
    const values: Record<string, number> = {}
    for (const series of this.#series) {
      const { metric, points, place } = series
      if (place >= points.length || points.stepAt(place) !== step) continue
      values[metric] = points.valueAt(place)
      series.place++
    }
    this.#advance()
    return { split: this.#split, step, values }
  }

  #advance(): void {
    this.step = Number.POSITIVE_INFINITY
    for (const { points, place } of this.#series) {
      if (place < points.length) this.step = Math.min(this.step, points.stepAt(place))
    }
  }
}

function summaryOf(points: GrowingPoints): RunningSummary {
  const summary = new RunningSummary()
  for (let index = 0; index < points.length; index++) summary.take(points.stepAt(index), points.valueAt(index))
  return summary
}

/** By step, and at one step by kind. */
function byPlace(one: Mark, other: Mark): number {
  return one.step - other.step || (one.kind < other.kind ? -1 : 1)
}
