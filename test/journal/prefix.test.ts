import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { trainerMachine } from '../../machines/trainer.ts'
import { explainRun } from '../../src/history/why.ts'
import { Journal } from '../../src/journal/journal.ts'
import { runStream, Store } from '../../src/storage/store.ts'
import { checkProjection } from '../../src/subscribers/projection-check.ts'
import { replay } from '../../src/subscribers/replay.ts'
import { standardSubscribers } from '../../src/subscribers/standard-subscribers.ts'
import { copyPrefix } from '../support/prefix.ts'
import { richRun } from '../support/rich-run.ts'
import { train, trainUntil } from '../support/runs.ts'
import { assertSame } from '../support/same.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('any first events of a journal are a journal')

const stream = runStream('rich')

test('with a whole chain, legal for the machine, from which everything can be built and told', async () => {
  await inTemporaryFolder(async folder => {
    const store = new Store(path.join(folder, 'whole'))
    await trainUntil(5, richRun(), { store: store.folder })
    await train(richRun(), { store: store.folder, resume: 'rich' })
    const whole = Journal.open(store.journalPath, { readOnly: true })
    for (let count = 0; count <= whole.head; count++) {
      const prefixStore = new Store(path.join(folder, String(count)))
      const journal = prefixOf(store, prefixStore, count)
      assert.is(journal.streamVersion(stream), count)
      assert.equal([...journal.verify(stream)], [])
      assert.equal(journal.gaps(), [])
      assertSame([...journal.read()], [...whole.read({ until: count })])
      const [state, before] = [journal, whole].map(each => each.fold(stream, trainerMachine, { until: count }))
      assert.equal(state?.refused, [])
      assertSame([state?.snapshot.value, state?.snapshot.context], [before?.snapshot.value, before?.snapshot.context])
      // Twice, since what the diagnostics tell comes after the others were there.
      for (const round of [1, 2]) {
        for (const { subscriber, parked } of await replay(journal, stream, { subscribers: standardSubscribers })) {
          assert.is(parked, null, `${subscriber}, round ${round}`)
        }
      }
      for (const subscriber of standardSubscribers) {
        const { status, message } = checkProjection(journal, subscriber, stream)
        assert.is(status, 'equal', `${subscriber.name} after ${count} events: ${message}`)
      }
      // What the diagnostics had found in them is told again, and nothing of it twice.
      assert.equal([...journal.verify(stream)], [])
      if (count > 0) assert.ok(explainRun(journal, prefixStore, 'rich').sentences.length > 0)
      journal.close()
    }
    whole.close()
  })
})

function prefixOf(store: Store, prefix: Store, count: number): Journal {
  mkdirSync(prefix.folder)
  copyPrefix(store.journalPath, prefix.journalPath, count)
  return Journal.open(prefix.journalPath)
}

test.run()
