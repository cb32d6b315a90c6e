import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Journal } from '../../src/journal/journal.ts'
import { Store } from '../../src/storage/store.ts'
import { standardSubscribers } from '../../src/subscribers/standard-subscribers.ts'
import type { RunDefinition } from '../../src/trainer/run-definition.ts'
import type { RunCheck } from '../../src/verification/run-check.ts'
import { verifyRun } from '../../src/verification/verify-run.ts'
import { factsOf, train, trainUntil } from './runs.ts'

/** Adds a byte to a run's checkpoints from a step on, so that a resume has to go on from before. */
export async function damageCheckpoints(store: string, run: string, from: number): Promise<void> {
  for (const { data } of factsOf(store, run, 'checkpoint.saved')) {
    if (data.step >= from) await appendFile(join(store, data.uri), 'x')
  }
}

/** Trains 16 steps in three attempts, of which the second does the steps 5 to 10 again, and the third the steps 13 and 14. */
export async function trainRepeatedly(definition: RunDefinition, store: string): Promise<string> {
  const kept = { ...definition, checkpoints: { every: { epochs: 1 }, keepLast: 4, keepBest: 0 } }
  const run = await trainUntil(10, kept, { store })
  await damageCheckpoints(store, run, 5)
  await trainUntil(14, kept, { store, resume: run })
  await damageCheckpoints(store, run, 14)
  await train(kept, { store, resume: run })
  return run
}

/** Everything that `verify` finds of a run. */
export async function checksOf(folder: string, run: string): Promise<RunCheck[]> {
  const store = new Store(folder)
  const journal = Journal.open(store.journalPath, { readOnly: true })
  try {
    const checks: RunCheck[] = []
    for await (const check of verifyRun(journal, store, run, standardSubscribers)) checks.push(check)
    return checks
  } finally {
    journal.close()
  }
}
