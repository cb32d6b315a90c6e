import type { TrainingEvent } from '../../events/training-events.ts'
import { readCourse } from '../../history/course.ts'
import { projectedAt } from '../../history/metrics-at.ts'
import type { Journal } from '../../journal/journal.ts'
import { layerSplit } from '../../metrics/layer-chart.ts'
import { observationOf } from '../../metrics/observation.ts'
import type { PointBlock } from '../../metrics/point-block.ts'
import { JournalHome } from '../../subscribers/journal-home.ts'
import type { Bounds } from '../../subscribers/metric-blocks.ts'
import type { SeriesLine } from '../answers.ts'
import { BucketedPoints } from './bucketed-points.ts'

/** Which part of a run's series is wanted, and how finely. */
export interface SeriesRange {
  /** The version after which the run's course is meant. */
  readonly until: number
  /** The first and the last step. */
  readonly from: number
  readonly to: number
  readonly buckets: number
}

/** Series that are made of what a step tells of its time. */
export const paceMetrics = { throughput: 'throughput', dataWait: 'dataWait' } as const

/** The facts in which it is measured what charts show. */
const measuring = ['step.completed', 'step.skipped', 'evaluation.completed'] as const

/**
 * The series of a run's course after a version, thinned out: what the metrics subscriber keeps, block by block, and from
 * the log what it does not have. Series of single layers are left out.
 */
export function readSeries(journal: Journal, stream: string, range: SeriesRange): SeriesLine[] {
  const series = new SeriesTable(range)
  const bounds = projectedAt(journal, stream, range.until)
  let after = 0
  if (bounds !== undefined) {
    const home = new JournalHome(journal, stream)
    for (const { version } of home.standings(bounds).values()) after = Math.max(after, version)
    for (const split of home.splits()) {
      if (split === layerSplit) continue
      for (const block of home.blocks(split, range.from)) {
        if (!series.takeBlock(split, block, bounds)) break
      }
    }
  }
  for (const event of readCourse(journal, stream, { after, until: range.until, types: measuring })) {
    const observation = observationOf(event as TrainingEvent)
    if (observation !== undefined) series.take(observation.split, observation.step, observation.values)
  }
  return series.lines()
}

class SeriesTable {
  readonly #range: SeriesRange
  readonly #splits = new Map<string, Map<string, BucketedPoints>>()

  constructor(range: SeriesRange) {
    this.#range = range
  }

  take(split: string, step: number, values: Readonly<Record<string, number>>): void {
    if (step < this.#range.from || step > this.#range.to) return
    for (const [metric, value] of Object.entries(values)) this.#points(split, metric).push(step, value)
    const { examples, durationMs, dataWaitMs } = values
    if (split === 'train') this.#takePace(step, examples, durationMs, dataWaitMs)
  }

  /** @returns whether anything of the split can come after it */
  takeBlock(split: string, block: PointBlock, { version, step: lastStep }: Bounds): boolean {
    const columns = block.metrics.map(metric => this.#points(split, metric))
    const place = (metric: string) => block.metrics.indexOf(metric)
    const [examples, duration, wait] = [place('examples'), place('durationMs'), place('dataWaitMs')]
    for (let row = 0; row < block.length; row++) {
      const step = block.stepAt(row)
      if (step > this.#range.to || step > lastStep || block.versionAt(row) > version) return false
      if (step < this.#range.from) continue
      for (let column = 0; column < columns.length; column++) columns[column]?.push(step, block.valueAt(row, column))
      if (split !== 'train' || examples < 0 || duration < 0 || wait < 0) continue
      this.#takePace(step, block.valueAt(row, examples), block.valueAt(row, duration), block.valueAt(row, wait))
    }
    return true
  }

  lines(): SeriesLine[] {
    return [...this.#splits].flatMap(([split, metrics]) =>
      [...metrics].flatMap(([metric, points]) => {
        const thinned = points.thinned()
        return thinned.steps.length === 0 ? [] : [{ split, metric, ...thinned }]
      }),
    )
  }

  #takePace(step: number, examples = Number.NaN, duration = Number.NaN, wait = Number.NaN): void {
    this.#points(paceSplit, paceMetrics.throughput).push(step, (1000 * examples) / duration)
    this.#points(paceSplit, paceMetrics.dataWait).push(step, wait / duration)
  }

  #points(split: string, metric: string): BucketedPoints {
    const metrics = this.#splits.get(split) ?? new Map<string, BucketedPoints>()
    this.#splits.set(split, metrics)
    const points = metrics.get(metric) ?? new BucketedPoints(this.#range)
    metrics.set(metric, points)
    return points
  }
}

/** What stands for a split of the series that are made here; an application's own metrics cannot have its name. */
export const paceSplit = ''
