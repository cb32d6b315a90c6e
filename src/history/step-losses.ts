import type { TrainingEvent } from '../events/training-events.ts'
import type { Journal } from '../journal/journal.ts'
import { runStream } from '../storage/store.ts'
import { readAttempts, timelineOf } from './attempts.ts'
import { readCourse } from './course.ts'
import { firstFrom, stepTypes } from './find-step.ts'
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
    const stream = runStream(run)
    const course = readCourse(journal, stream, {
      after: after < beyond ? versionOfDone(journal, stream, beyond, version) : 0,
      until: version,
      types: stepTypes,
    })
    for (const { data } of course as Iterable<TrainingEvent<'step.completed' | 'step.skipped'>>) {
      if (data.step > beyond && data.step <= until) yield { step: data.step, loss: data.loss }
    }
  }
}

/** A version after which a run, as it stood after version `until`, has every step beyond `step` that holds. */
function versionOfDone(journal: Journal, stream: string, step: number, until: number): number {
  const attempts = readAttempts(journal, stream).filter(({ version }) => version <= until)
  const part = timelineOf(attempts).findLast(part => part.step <= step)
  if (part === undefined) return 0
  const lastVersion = Math.min(part.lastVersion, until)
  const next = firstFrom(journal, stream, { ...part, lastVersion }, step + 1, stepTypes)
  return next === undefined ? lastVersion : next.version - 1
}
