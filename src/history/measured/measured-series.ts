import type { SeriesKey } from '../../metrics/metrics-home.ts'
import type { Observation } from '../../metrics/observation.ts'
import type { PointBlock } from '../../metrics/point-block.ts'
import { Buckets, type Thinned } from './buckets.ts'

/** Series that are made of what a step tells of its time. */
export const paceMetrics = { throughput: 'throughput', dataWait: 'dataWait' } as const

/** What stands for a split of the series that are made here; an application's own metrics cannot have its name. */
export const paceSplit = ''

/** Every series of a run, in buckets of one width. */
export class MeasuredSeries {
  readonly #width: number
  readonly #splits = new Map<string, Map<string, Buckets>>()

  constructor(width: number) {
    this.#width = width
  }

  take({ split, step, values }: Observation): void {
    for (const [metric, value] of Object.entries(values)) this.#buckets(split, metric).push(step, value)
    const { examples, durationMs, dataWaitMs } = values
    if (split === 'train') this.#takePace(step, examples, durationMs, dataWaitMs)
  }

  /** Takes some rows of a block, from the first up to, but without, the last. */
  takeRows(split: string, block: PointBlock, first: number, last: number): void {
    for (const [column, metric] of block.metrics.entries()) {
      const buckets = this.#buckets(split, metric)
      for (let row = first; row < last; row++) buckets.push(block.stepAt(row), block.valueAt(row, column))
    }
    const [examples, duration, wait] = ['examples', 'durationMs', 'dataWaitMs'].map(name => block.metrics.indexOf(name))
    if (split !== 'train' || examples === undefined || duration === undefined || wait === undefined) return
    const at = (row: number, column: number) => (column < 0 ? undefined : block.valueAt(row, column))
    for (let row = first; row < last; row++) {
      this.#takePace(block.stepAt(row), at(row, examples), at(row, duration), at(row, wait))
    }
  }

  /** Takes what others hold in narrower buckets; of series without any in these steps the name. */
  takeAll(narrower: MeasuredSeries, from: number, to: number): void {
    for (const [split, metrics] of narrower.#splits) {
      for (const [metric, buckets] of metrics) this.#buckets(split, metric).take(buckets, from, to)
    }
  }

  /** In the order in which they were first measured, split by split. */
  keys(): SeriesKey[] {
    return [...this.#splits].flatMap(([split, metrics]) => Array.from(metrics.keys(), metric => ({ split, metric })))
  }

  thinned({ split, metric }: SeriesKey): Thinned {
    return this.#buckets(split, metric).thinned()
  }

  /** The steps at which each split but that of training was measured, one of each bucket. */
  evaluations(): { readonly split: string; readonly steps: readonly number[] }[] {
    return [...this.#splits].flatMap(([split, metrics]) => {
      const [first] = metrics.values()
      return first === undefined || split === 'train' || split === paceSplit
        ? []
        : [{ split, steps: first.firstSteps() }]
    })
  }

  #takePace(step: number, examples = Number.NaN, duration = Number.NaN, wait = Number.NaN): void {
    this.#buckets(paceSplit, paceMetrics.throughput).push(step, (1000 * examples) / duration)
    this.#buckets(paceSplit, paceMetrics.dataWait).push(step, wait / duration)
  }

  #buckets(split: string, metric: string): Buckets {
    let metrics = this.#splits.get(split)
    if (metrics === undefined) {
      metrics = new Map()
      this.#splits.set(split, metrics)
    }
    let buckets = metrics.get(metric)
    if (buckets === undefined) {
      buckets = new Buckets(this.#width)
      metrics.set(metric, buckets)
    }
    return buckets
  }
}
