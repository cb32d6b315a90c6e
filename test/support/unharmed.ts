import { readdir } from 'node:fs/promises'
import * as assert from 'uvu/assert'
import { trainerMachine } from '../../machines/trainer.ts'
import { MetricsCollector } from '../../src/metrics/metrics-collector.ts'
import { runStream, Store } from '../../src/storage/store.ts'
import { JournalHome } from '../../src/subscribers/journal-home.ts'
import { checkProjection } from '../../src/subscribers/projection-check.ts'
import { standardSubscribers } from '../../src/subscribers/standard-subscribers.ts'
import { colourRun } from './colour-run.ts'
import { factsOf, finalHash, reading, train } from './runs.ts'
import { undisturbedRun } from './undisturbed-run.ts'

/** Ends a colour run in this process and compares everything with an undisturbed one. */
export async function assertUnharmed(store: string, name: string): Promise<void> {
  assert.is(await train(colourRun(), { store, resume: name }), 'completed')
  const undisturbed = await undisturbedRun()
  assert.is(finalHash(store, name), undisturbed.hash)
  reading(store, journal => {
    const stream = runStream(name)
    assert.equal([...journal.verify(stream)], [])
    assert.equal(journal.fold(stream, trainerMachine).refused, [])
    for (const subscriber of standardSubscribers) {
      assert.is(checkProjection(journal, subscriber, stream).status, 'equal', subscriber.name)
    }
    const { values } = new MetricsCollector(new JournalHome(journal, stream)).getMetric('train_loss')
    assert.equal([...values], undisturbed.losses)
  })
}

/** No file of a checkpoint lies there that the log does not name, nor does one that it names lack. */
export async function assertNothingLeftOver(store: string, name: string): Promise<void> {
  const files = await readdir(new Store(store).checkpointFolder(name))
  const saved = factsOf(store, name, 'checkpoint.saved').map(({ data }) => `${data.checkpoint}.safetensors`)
  const deleted = factsOf(store, name, 'checkpoint.deleted').map(({ data }) => `${data.checkpoint}.safetensors`)
  assert.equal(files.sort(), saved.filter(file => !deleted.includes(file)).sort())
}
