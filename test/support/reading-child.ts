import { trainerMachine } from '../../machines/trainer.ts'
import { Journal } from '../../src/journal/journal.ts'
import { runStream, Store } from '../../src/storage/store.ts'
import { givenToChild } from './child.ts'

/** Reads a journal over and over, as a dashboard does, until the run has ended; prints how often it has. */
const { store, run } = givenToChild<{ store: string; run: string }>()
const journal = Journal.open(new Store(store).journalPath, { readOnly: true })
const stream = runStream(run)
process.stdout.write('reading\n')
for (let times = 1; ; times++) {
  let events = 0
  for (const { version } of journal.read({ stream })) {
    events += 1
    if (version !== events) throw new Error(`The event ${events} has version ${version}.`)
  }
  const { snapshot, refused } = journal.fold(stream, trainerMachine)
  if (refused.length > 0) throw new Error(`The machine refuses ${refused}.`)
  if (snapshot.hasTag('ended')) {
    process.stdout.write(`${times}\n`)
    break
  }
  await new Promise(setImmediate)
}
journal.close()
