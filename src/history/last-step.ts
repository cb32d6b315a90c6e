import type { TrainingEvent } from '../events/training-events.ts'
import type { Journal } from '../journal/journal.ts'
import type { Attempt } from './attempts.ts'
import { readCourse } from './course.ts'
import { stepTypes } from './find-step.ts'

/**
 * The last step of the course that a run had after a version.
 *
 * @param attempts those that had begun by then
 */
export function lastStepAt(journal: Journal, stream: string, until: number, attempts: readonly Attempt[]): number {
  const begun = attempts.at(-1)?.step ?? 0
  for (const event of readCourse(journal, stream, { until, types: stepTypes, backwards: true })) {
    return Math.max(begun, (event as TrainingEvent<(typeof stepTypes)[number]>).data.step)
  }
  return begun
}
