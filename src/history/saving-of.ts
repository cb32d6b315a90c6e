import type { TrainingEvent } from '../events/training-events.ts'
import type { Journal } from '../journal/journal.ts'

/**
 * The fact that a checkpoint was saved, which comes after its capture with any number of steps between; undefined where it
 * failed, or its attempt ended before.
 *
 * @param until the last version of the attempt that captured it
 */
export function savingOf(
  journal: Journal,
  { stream, version, data: { checkpoint } }: TrainingEvent<'checkpoint.captured'>,
  until: number,
): TrainingEvent<'checkpoint.saved'> | undefined {
  // One is written at a time, so the next that is told of is this one.
  const types = ['checkpoint.saved', 'checkpoint.failed']
  const [next] = journal.readPage({ stream, types, after: version, until }, 1) as TrainingEvent<
    'checkpoint.saved' | 'checkpoint.failed'
  >[]
  return next?.type === 'checkpoint.saved' && next.data.checkpoint === checkpoint ? next : undefined
}
