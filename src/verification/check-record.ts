import { createHash } from 'node:crypto'
import type { TrainingEvent } from '../events/training-events.ts'
import type { Journal } from '../journal/journal.ts'
import type { RunCheck } from './run-check.ts'

/** Whether the settings that a run is recorded with are those that their hash was made of. */
export function* checkRecord(journal: Journal, stream: string): Generator<RunCheck> {
  const [created] = journal.readPage({ stream, types: ['run.created'] }, 1) as TrainingEvent<'run.created'>[]
  if (created === undefined) return
  const { config, configHash } = created.data
  const found = createHash('sha256').update(JSON.stringify(config)).digest('hex')
  const ok = found === configHash
  const message = ok
    ? 'they are those that their hash was made of'
    : `their SHA-256 is ${found}, the log says ${configHash}`
  yield { check: 'record', subject: 'settings', ok, message }
}
