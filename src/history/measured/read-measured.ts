import type { TrainingEvent } from '../../events/training-events.ts'
import type { Journal } from '../../journal/journal.ts'
import { layerSplit } from '../../metrics/layer-chart.ts'
import { type Observation, observationOf } from '../../metrics/observation.ts'
import type { PointBlock } from '../../metrics/point-block.ts'
import { JournalHome } from '../../subscribers/journal-home.ts'
import { metricsSubscriber } from '../../subscribers/metrics.ts'
import { readCourse } from '../course.ts'
import { projectedAt } from '../projected-at.ts'

/** Which part of a run's course is read. */
export interface MeasuredRange {
  /** The version after which the run's course is meant. */
  readonly until: number
  /** What was measured up to this version is known already. */
  readonly after: number
  /** The first and the last step. */
  readonly from: number
  readonly to: number
}

/** Is handed what was measured, of each split in the order of the steps. */
export interface MeasuredReader {
  rows(split: string, block: PointBlock, first: number, last: number): void
  observation(observation: Observation, version: number): void
}

/** The facts in which it is measured what charts show. */
const measuring = ['step.completed', 'step.skipped', 'evaluation.completed'] as const

/** So few events are read from the log itself, which is as quick as looking for blocks. */
const near = 1_000

/**
 * Reads what was measured in a run's course: from what the metrics subscriber keeps, block by block, and from the log what
 * it does not have. Series of single layers are left out. Other work can be done whenever it yields: what is read is of one
 * moment, as long as no other attempt has begun meanwhile.
 */
export function* readMeasured(
  journal: Journal,
  stream: string,
  { until, after, from, to }: MeasuredRange,
  reader: MeasuredReader,
): Generator<void, void, undefined> {
  if (after >= until) return
  let known = after
  const bounds = until - after > near ? projectedAt(journal, stream, until, metricsSubscriber) : undefined
  if (bounds !== undefined && bounds.version > after) {
    const home = new JournalHome(journal, stream)
    for (const { version } of home.standings(bounds).values()) known = Math.max(known, version)
    for (const split of home.splits()) {
      if (split === layerSplit) continue
      for (const block of home.blocks(split, from)) {
        const isWithin = (row: number) =>
          block.stepAt(row) <= Math.min(to, bounds.step) && block.versionAt(row) <= known
        let [first, last] = [0, block.length]
        while (first < last && (block.versionAt(first) <= after || block.stepAt(first) < from)) first++
        while (first < last && !isWithin(last - 1)) last--
        if (first < last) reader.rows(split, block, first, last)
        yield
        if (!isWithin(block.length - 1)) break
      }
    }
  }
  for (const event of readCourse(journal, stream, { after: known, until, types: measuring })) {
    const observation = observationOf(event as TrainingEvent)
    if (observation === undefined || observation.step < from) continue
    if (observation.step > to) return
    reader.observation(observation, event.version)
    yield
  }
}
