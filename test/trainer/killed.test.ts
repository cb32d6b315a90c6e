import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { trainerMachine } from '../../machines/trainer.ts'
import { MetricsCollector } from '../../src/metrics/metrics-collector.ts'
import { Random } from '../../src/random/random.ts'
import { runStream, Store } from '../../src/storage/store.ts'
import { JournalHome } from '../../src/subscribers/journal-home.ts'
import { checkProjection } from '../../src/subscribers/projection-check.ts'
import { standardSubscribers } from '../../src/subscribers/standard-subscribers.ts'
import { startChild } from '../support/child.ts'
import { colourRun } from '../support/colour-run.ts'
import { factsOf, finalHash, reading, train } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { undisturbedRun } from '../support/undisturbed-run.ts'

const test = suite('a run whose process is killed')

/** Trains in a child process, which is killed as soon as it has told of a fact like this. */
async function killedAt(fact: string, given: { store: string; name: string; resume: boolean }): Promise<void> {
  const child = startChild('training-child.ts', given)
  for await (const line of child.lines) {
    if (line === fact) {
      await child.kill()
      return
    }
  }
  await child.finish()
  assert.unreachable(`${given.name} ended without ${fact}`)
}

/** Ends the run in this process and compares everything with an undisturbed one. */
async function assertUnharmed(store: string, name: string): Promise<void> {
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
  const files = await readdir(new Store(store).checkpointFolder(name))
  const kept = factsOf(store, name, 'checkpoint.saved').map(({ data }) => `${data.checkpoint}.safetensors`)
  assert.equal(
    files.filter(file => !kept.includes(file) && !file.endsWith('.tmp')),
    [],
  )
}

test('ends with the same bits, wherever it is killed, and killed again', async () => {
  await inTemporaryFolder(async store => {
    for (const { seed, again } of [
      { seed: 1, again: true },
      { seed: 2, again: false },
    ]) {
      const random = new Random(seed, 'bench')
      const first = 5 + random.integer(4)
      const name = `killed-${seed}`
      await killedAt(`step.completed ${first}`, { store, name, resume: false })
      const second = first + 1 + random.integer(4)
      if (again) await killedAt(`step.completed ${second}`, { store, name, resume: true })
      await assertUnharmed(store, name)
      assert.is(factsOf(store, name, 'run.resumed').length, again ? 2 : 1)
    }
  })
})

test('ends with the same bits when it is killed before its first checkpoint', async () => {
  await inTemporaryFolder(async store => {
    await killedAt('step.completed 2', { store, name: 'early', resume: false })
    await assertUnharmed(store, 'early')
    assert.is(factsOf(store, 'early', 'run.resumed')[0]?.data.checkpoint, null)
  })
})

test('ends with the same bits when it is killed while it writes a checkpoint, of which nothing is left', async () => {
  await inTemporaryFolder(async store => {
    await startChild('training-child.ts', {
      store,
      name: 'writing',
      resume: false,
      dieAt: 'checkpoint.captured 8',
    }).gone()
    assert.is(factsOf(store, 'writing').at(-1)?.type, 'checkpoint.captured')
    // As it is when the process dies a moment later.
    const folder = new Store(store).checkpointFolder('writing')
    await writeFile(join(folder, 'step-0000008.safetensors'), 'whole, and not in the log')
    await writeFile(join(folder, 'step-0000008.safetensors.0a1b.tmp'), 'half')
    await assertUnharmed(store, 'writing')
    assert.is(factsOf(store, 'writing', 'run.resumed')[0]?.data.step, 4)
  })
})

test.run()
