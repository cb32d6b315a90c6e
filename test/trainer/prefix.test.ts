import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Journal } from '../../src/journal/journal.ts'
import { Random } from '../../src/random/random.ts'
import { runStream, Store } from '../../src/storage/store.ts'
import { JournalHome } from '../../src/subscribers/journal-home.ts'
import { standardSubscribers } from '../../src/subscribers/standard-subscribers.ts'
import type { RunDefinition } from '../../src/trainer/run-definition.ts'
import { verifyRun } from '../../src/verification/verify-run.ts'
import { storeAsOf } from '../support/prefix.ts'
import { richRun } from '../support/rich-run.ts'
import { factsOf, reading, train } from '../support/runs.ts'
import { assertSame } from '../support/same.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('the first events of a run, however many, are a run that goes on')

/** What comes of a run, bit for bit: its last checkpoint and everything that its projections tell of its course. */
function outcome(store: string, run: string) {
  const rows = (sql: string) => reading(store, journal => journal.query(database => database.prepare(sql).all()))
  return {
    // A diagnosis may come when the run has ended already.
    end: factsOf(store, run).findLast(({ type }) => type !== 'diagnosis.raised')?.type,
    weights: factsOf(store, run, 'checkpoint.saved').at(-1)?.data.sha256,
    // Durations are those of the clock.
    points: reading(store, journal =>
      Array.from(new JournalHome(journal, runStream(run)).observations(), ({ split, step, values }) => {
        const { durationMs: _, dataWaitMs: __, ...told } = values
        return { split, step, told }
      }),
    ),
    epochs: rows(`SELECT step, number FROM metrics_marks WHERE kind = 'epoch' ORDER BY step`),
    layers: rows('SELECT * FROM layers ORDER BY kind, layer, step'),
    diagnoses: rows('SELECT code, severity, step, evidence FROM diagnostics ORDER BY step, code'),
  }
}

async function assertVerified(store: string, run: string): Promise<void> {
  const journal = Journal.open(new Store(store).journalPath, { readOnly: true })
  try {
    for await (const { ok, subject, message } of verifyRun(journal, new Store(store), run, standardSubscribers)) {
      assert.ok(ok, `${subject}: ${message}`)
    }
  } finally {
    journal.close()
  }
}

/** Goes on from the first `count` events of the run in `store`, in a store of its own at `folder`. */
async function goOn(store: string, count: number, folder: string, definition: RunDefinition): Promise<void> {
  storeAsOf(store, count, folder)
  await train(definition, { store: folder, resume: definition.name ?? '' })
  await assertVerified(folder, definition.name ?? '')
}

test('with the same bits, after every single event', async () => {
  await inTemporaryFolder(async folder => {
    const store = path.join(folder, 'whole')
    const definition = richRun()
    await train(definition, { store })
    const whole = outcome(store, 'rich')
    const events = factsOf(store, 'rich')
    for (const { version, type } of events.slice(0, -1)) {
      const prefix = path.join(folder, String(version))
      await goOn(store, version, prefix, definition)
      assertSame([version, type, outcome(prefix, 'rich')], [version, type, whole])
    }
  })
})

test('with the same bits, when what went on breaks off and goes on again', async () => {
  await inTemporaryFolder(async folder => {
    const store = path.join(folder, 'whole')
    const definition = richRun()
    await train(definition, { store })
    const whole = outcome(store, 'rich')
    const random = new Random(5, 'bench')
    for (let round = 1; round <= 6; round++) {
      let before = store
      for (let attempt = 2; attempt <= 4; attempt++) {
        const events = factsOf(before, 'rich').length
        const prefix = path.join(folder, `${round}-${attempt}`)
        // Never the last event, and rather late ones, so that attempts lie upon attempts.
        const count = Math.max(1, events - 1 - random.integer(20))
        await goOn(before, count, prefix, definition)
        assertSame([round, attempt, count, outcome(prefix, 'rich')], [round, attempt, count, whole])
        before = prefix
      }
    }
  })
})

test('to the same early end, with the best weights taken back', async () => {
  await inTemporaryFolder(async folder => {
    const store = path.join(folder, 'whole')
    const definition = richRun({
      epochs: 10,
      evaluation: { every: { steps: 2 } },
      earlyStopping: { patience: 2, minimumChange: 1 },
    })
    await train(definition, { store })
    const whole = outcome(store, 'rich')
    assert.is(whole.end, 'run.early-stopped')
    const events = factsOf(store, 'rich')
    const random = new Random(6, 'bench')
    for (const { version, type } of events.slice(0, -1)) {
      // The end always, and of the rest every third.
      if (version < events.length - 6 && random.integer(3) > 0) continue
      const prefix = path.join(folder, String(version))
      await goOn(store, version, prefix, definition)
      assertSame([version, type, outcome(prefix, 'rich')], [version, type, whole])
    }
  })
})

test.run()
