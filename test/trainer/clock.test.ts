import { readdirSync, utimesSync } from 'node:fs'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { trainerMachine } from '../../machines/trainer.ts'
import { runNames } from '../../src/history/run-names.ts'
import { Journal } from '../../src/journal/journal.ts'
import { runStream, Store } from '../../src/storage/store.ts'
import { standardSubscribers } from '../../src/subscribers/standard-subscribers.ts'
import { verifyRun } from '../../src/verification/verify-run.ts'
import { colourRun } from '../support/colour-run.ts'
import { factsOf, finalHash, reading, train, trainUntil } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { undisturbedRun } from '../support/undisturbed-run.ts'

const test = suite('a clock that goes backwards')

const { now } = Date
test.after.each(() => {
  Date.now = now
})

/** Lets the system's clock be set back by a second each time that somebody looks at it. */
function turnBack(): void {
  let time = now()
  Date.now = () => {
    time -= 1_000
    return time
  }
}

test('changes neither the order of events nor the bits, and everything about the run can be verified', () =>
  inTemporaryFolder(async store => {
    const undisturbed = await undisturbedRun()
    turnBack()
    await trainUntil(6, colourRun(), { store })
    // What comes last by the log is what the file system calls the oldest.
    const folder = new Store(store).checkpointFolder('colours')
    for (const [index, name] of readdirSync(folder).sort().entries()) {
      utimesSync(path.join(folder, name), 2_000_000_000 - index, 2_000_000_000 - index)
    }
    await train(colourRun(), { store, resume: 'colours' })

    const times = factsOf(store, 'colours').map(({ at }) => at)
    assert.ok((times.at(-1) ?? 0) < (times[0] ?? 0))
    assert.is(factsOf(store, 'colours', 'run.resumed')[0]?.data.step, 6)
    assert.is(finalHash(store, 'colours'), undisturbed.hash)
    assert.equal(
      factsOf(store, 'colours', 'step.completed').map(({ data }) => data.loss),
      undisturbed.losses,
    )
    const journal = Journal.open(new Store(store).journalPath, { readOnly: true })
    for await (const check of verifyRun(journal, new Store(store), 'colours', standardSubscribers)) {
      assert.ok(check.ok, `${check.subject}: ${check.message}`)
    }
    const stream = runStream('colours')
    assert.equal(
      journal.fold(stream, trainerMachine).snapshot.context,
      journal.fold(stream, trainerMachine, { snapshots: false }).snapshot.context,
    )
    journal.close()
  }))

test('leaves the run that was begun last the latest', () =>
  inTemporaryFolder(async store => {
    turnBack()
    for (const name of ['first', 'second', 'a-third']) await train(colourRun({ name, epochs: 1 }), { store })
    assert.equal(reading(store, runNames), ['first', 'second', 'a-third'])
  }))
test.run()
