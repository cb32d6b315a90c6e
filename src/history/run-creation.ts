import type { TrainingEvent } from '../events/training-events.ts'
import type { Journal } from '../journal/journal.ts'
import { runStream } from '../storage/store.ts'

/** The fact that a run was created; undefined where there is no such run. */
export function runCreation(journal: Journal, run: string): TrainingEvent<'run.created'> | undefined {
  const [created] = journal.readPage({ stream: runStream(run), types: ['run.created'] }, 1)
  return created as TrainingEvent<'run.created'> | undefined
}
