import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createActor } from 'xstate'
import { trainerMachine } from '../../machines/trainer.ts'
import { ConcurrencyError } from '../../src/journal/expected-version.ts'
import { initialFold } from '../../src/journal/fold.ts'
import { Journal } from '../../src/journal/journal.ts'
import { RunLog } from '../../src/trainer/run-log.ts'
import { stepCompleted } from '../support/facts.ts'
import { rejectedBy } from '../support/rejected.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import {
  diagnosisRaised,
  epochCompleted,
  epochStarted,
  runContinued,
  runCreated,
  runFailed,
  runPaused,
  runStarted,
} from '../support/training-facts.ts'

const test = suite('RunLog')

const stream = 'run/short'

/** Calls `use` with the log of a run that has begun, and with another connection to its journal. */
async function withLog(
  use: (parts: { log: RunLog; journal: Journal; other: Journal }) => Promise<void>,
): Promise<void> {
  await inTemporaryFolder(async folder => {
    const file = path.join(folder, 'journal.sqlite')
    const [journal, other] = [Journal.open(file), Journal.open(file)]
    const actor = createActor(trainerMachine).start()
    const log = new RunLog(journal, stream, actor, initialFold(trainerMachine))
    await log.append([runCreated(), runStarted(), epochStarted(1, 0)])
    try {
      await use({ log, journal, other })
    } finally {
      log.close()
      actor.stop()
      journal.close()
      other.close()
    }
  })
}

test('a fact reaches the journal, then the machine, then those who listen', async () => {
  await withLog(async ({ log, other }) => {
    const told: [number, number, number][] = []
    log.events$.subscribe(({ version }) => {
      told.push([version, other.streamVersion(stream), log.state.context.progress.step])
    })
    await log.append([stepCompleted(1)])
    await log.append([stepCompleted(2), epochCompleted(1, 2)])
    assert.equal(told, [
      [4, 4, 1],
      // Two facts of one append are both in the journal before the first is told.
      [5, 6, 2],
      [6, 6, 2],
    ])
    assert.is(log.version, 6)
  })
})

test('what somebody else writes beside it and the machine refuses is counted, also right after the run was resumed', async () => {
  await withLog(async ({ log, journal }) => {
    log.close()
    const folded = journal.fold(stream, trainerMachine)
    const actor = createActor(trainerMachine, {
      snapshot: trainerMachine.getPersistedSnapshot(folded.snapshot),
    }).start()
    const resumed = new RunLog(journal, stream, actor, folded)
    journal.append(stream, [runContinued(0)])
    resumed.close()
    actor.stop()
    const kept = [...journal.snapshots(stream, trainerMachine)].at(-1)
    assert.equal([kept?.version, kept?.refused], [4, [4]])
    assert.equal(journal.fold(stream, trainerMachine, { snapshots: false }).refused, [4])
  })
})

test('a fact that the lifecycle refuses is never written, nor are those that come with it', async () => {
  await withLog(async ({ log, journal }) => {
    for (const facts of [
      [runContinued(0)],
      [stepCompleted(2)],
      [stepCompleted(1), stepCompleted(1)],
      [runPaused(0), runPaused(0)],
    ]) {
      const { message } = await rejectedBy(Error, log.append(facts))
      assert.match(message, 'refuses')
      assert.is(journal.streamVersion(stream), 3)
    }
    await log.append([stepCompleted(1)])
    assert.is(log.version, 4)
  })
})

test('what anybody may add is taken in before the next fact, in its place', async () => {
  await withLog(async ({ log, journal, other }) => {
    const told: string[] = []
    log.events$.subscribe(({ type }) => told.push(type))
    other.append(stream, [diagnosisRaised(0)])
    await log.append([stepCompleted(1)])
    other.append(stream, [diagnosisRaised(1)])
    // Added by this process behind one of another: a subscriber here while one there was quicker.
    journal.append(stream, [diagnosisRaised(1)])
    assert.equal(told, ['diagnosis.raised', 'step.completed', 'diagnosis.raised', 'diagnosis.raised'])
    assert.equal([log.version, log.state.context.diagnoses], [7, 3])
    assert.equal(journal.fold(stream, trainerMachine).snapshot.context, log.state.context)
  })
})

test("another's fact about the run's life ends it here", async () => {
  await withLog(async ({ log, journal, other }) => {
    other.append(stream, [diagnosisRaised(0), runFailed(0)])
    await rejectedBy(ConcurrencyError, log.append([stepCompleted(1)]))
    assert.is(journal.streamVersion(stream), 5)
  })
})

test('the state at the end is kept, once', async () => {
  await withLog(async ({ log, journal }) => {
    await log.append([stepCompleted(1)])
    log.close()
    log.close()
    assert.equal(
      [...journal.snapshots(stream, trainerMachine)].map(({ version }) => version),
      [4],
    )
  })
})

test.run()
