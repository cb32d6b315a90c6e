import type { TrainingEvent } from '../events/training-events.ts'
import type { Journal } from '../journal/journal.ts'
import { runStream } from '../storage/store.ts'
import { readCourse } from './course.ts'
import type { Generation } from './lineage.ts'

/** The loss of one step. */
export interface StepLoss {
  readonly step: number
  readonly loss: number
}

/**
 * The losses of a run, step by step, as they hold now, with those that a fork has from before it was forked: they are read
 * from its parents' logs, as these stood then. Memory is flat.
 *
 * @param beyond only of later steps than this
 */
export function* stepLosses(
  journal: Journal,
  lineage: readonly Generation[],
  beyond: number,
): Generator<StepLoss, void, undefined> {
  for (const { run, after, until, version } of lineage.toReversed()) {
    if (until <= beyond) continue
    const course = readCourse(journal, runStream(run), {
      // Every step is an event of its own, so that as many events as steps are passed over at the least.
      after: Math.max(0, beyond - after),
      until: version,
      types: ['step.completed', 'step.skipped'],
    })
    for (const { data } of course as Iterable<TrainingEvent<'step.completed' | 'step.skipped'>>) {
      if (data.step > beyond && data.step <= until) yield { step: data.step, loss: data.loss }
    }
  }
}
