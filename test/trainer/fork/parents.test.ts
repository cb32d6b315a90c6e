import { appendFile } from 'node:fs/promises'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { archiveRun } from '../../../src/backup/archive-run.ts'
import { inMemorySource } from '../../../src/data/in-memory-source.ts'
import { Journal } from '../../../src/journal/journal.ts'
import { RunLock } from '../../../src/storage/run-lock.ts'
import { Store } from '../../../src/storage/store.ts'
import { forkRun } from '../../../src/trainer/fork/fork-run.ts'
import { MultimodalTrainer } from '../../../src/trainer/multimodal-trainer.ts'
import { ResumeError } from '../../../src/trainer/trainer-errors.ts'
import { colourRun, colourSamples } from '../../support/colour-run.ts'
import { rejectedBy } from '../../support/rejected.ts'
import { factsOf, finalHash, train, trainUntil } from '../../support/runs.ts'
import { inTemporaryFolder } from '../../support/temporary-folder.ts'
import { undisturbedRun } from '../../support/undisturbed-run.ts'

const test = suite('what a fork is made of')

async function fork(store: string, step: number): Promise<string> {
  const { data } = await forkRun(colourRun(), { store, run: 'colours', step, backend: 'wasm' })
  return data.name
}

test('a run that was resumed for other epochs: it counts on by those of the attempt that went on from there', async () => {
  await inTemporaryFolder(async store => {
    const kept = colourRun({ checkpoints: { every: { epochs: 1 }, keepLast: 9 } })
    await trainUntil(12, kept, { store })
    const trainer = new MultimodalTrainer(kept, { store, resume: 'colours', backend: 'wasm' })
    assert.is(await trainer.train({ epochs: 6 }), 'completed')
    trainer.close()
    for (const step of [12, 20]) {
      const name = await fork(store, step)
      assert.is(await train(kept, { store, resume: name }), 'completed')
      assert.is(finalHash(store, name, 24), finalHash(store, 'colours', 24))
    }
  })
})

test('a damaged checkpoint: it is passed over, and what leads to it is done again', async () => {
  await inTemporaryFolder(async store => {
    await train(colourRun(), { store })
    const { uri, sha256 } = factsOf(store, 'colours', 'checkpoint.saved').at(-1)?.data ?? {}
    await appendFile(path.join(store, uri ?? ''), 'x')
    const told: string[] = []
    const progress: unknown[] = []
    const { data } = await forkRun(colourRun(), {
      ...{ store, run: 'colours', step: 16, backend: 'wasm' },
      change: settings => ({ ...settings, epochs: 5 }),
      onNotice: sentence => told.push(sentence),
      onProgress: each => progress.push(each),
    })
    assert.is(told.length, 2)
    assert.match(told[0] ?? '', 'the steps since the nearest one are done again and compared with its log')
    assert.match(told[1] ?? '', /^The checkpoint step-0000016 is passed over: /)
    assert.equal(progress.at(0), { step: 13, from: 13, to: 16 })
    assert.equal(data.parent?.sha256, sha256)
  })
})

test('a run whose steps are archived, and which is being trained', async () => {
  await inTemporaryFolder(async store => {
    await trainUntil(10, colourRun(), { store })
    const journal = Journal.open(new Store(store).journalPath)
    assert.ok(archiveRun(journal, new Store(store), 'colours', { before: Number.MAX_SAFE_INTEGER }).events >= 9)
    journal.close()
    const lock = new RunLock(new Store(store).runFolder('colours'), 'colours')
    const name = await fork(store, 6)
    lock.release()
    assert.is(await train(colourRun(), { store, resume: name }), 'completed')
    assert.is(finalHash(store, name), (await undisturbedRun()).hash)
  })
})

test('data by which its steps would be counted otherwise: it does not begin', async () => {
  await inTemporaryFolder(async store => {
    await train(colourRun(), { store })
    const name = await fork(store, 10)
    const fewer = colourRun({ trainData: inMemorySource('colours', colourSamples.slice(0, 12)) })
    const { message } = await rejectedBy(ResumeError, train(fewer, { store, resume: name }))
    assert.match(message, 'makes 2 steps an epoch, but the run has done 10 steps and 2 epochs already')
    assert.is(await train(colourRun(), { store, resume: name }), 'completed')
    assert.is(finalHash(store, name), finalHash(store, 'colours'))
  })
})

test.run()
