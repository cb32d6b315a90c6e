import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inMemorySource } from '../../src/data/in-memory-source.ts'
import { iterableSource } from '../../src/data/iterable-source.ts'
import type { StreamedSource } from '../../src/data/streamed-source.ts'
import { DataHandlerError } from '../../src/trainer/data-options.ts'
import { MultimodalTrainer } from '../../src/trainer/multimodal-trainer.ts'
import type { RunDefinition } from '../../src/trainer/run-definition.ts'
import { colourRun, colourSamples, heldOutSamples } from '../support/colour-run.ts'
import { rejectedBy } from '../support/rejected.ts'
import { factsOf, finalHash, train } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('runs over data that is read shard by shard')

const trainData = iterableSource('colours', {
  length: colourSamples.length,
  samples: () => colourSamples,
  version: '1',
})
const valData = iterableSource('held-out', { length: heldOutSamples.length, samples: () => heldOutSamples })

/** Trains until `step`, stops there, goes on, and gives the hash of the final weights. */
async function interrupted(definition: RunDefinition, store: string, step: number): Promise<string> {
  const trainer = new MultimodalTrainer({ ...definition, name: 'interrupted' }, { store, backend: 'wasm' })
  trainer.on('step.completed', ({ data }) => {
    if (data.step === step) trainer.stop()
  })
  assert.is(await trainer.train(), 'interrupted')
  assert.is(await train(definition, { store, resume: trainer.run }), 'completed')
  return finalHash(store, trainer.run, 16)
}

test('a streamed source that is decoded first trains as the same samples in memory do', async () => {
  await inTemporaryFolder(async store => {
    await train(colourRun({ name: 'memory' }), { store })
    await train(colourRun({ name: 'shards', trainData, valData }), { store })
    assert.is(finalHash(store, 'shards', 16), finalHash(store, 'memory', 16))
    const told = ['memory', 'shards'].map(run => factsOf(store, run, 'run.started')[0]?.data.data)
    assert.equal(told[1], told[0])
  })
})

test('a run that streams its training data goes on bit for bit wherever it was stopped', async () => {
  await inTemporaryFolder(async store => {
    const streaming = { buffer: 7 }
    const definition = colourRun({ trainData: inMemorySource('colours', colourSamples), streaming })
    await train(definition, { store })
    assert.is(await interrupted(definition, store, 6), finalHash(store, 'colours', 16))
    const [started] = factsOf(store, 'colours', 'run.started')
    assert.is(started?.data.data.train.samples, colourSamples.length)
    assert.match(started?.data.data.train.sha256 ?? '', /^[0-9a-f]{64}$/)
  })
})

test('what shards hold and cannot be used is told, in either way of training', async () => {
  const torn: StreamedSource = {
    name: 'torn',
    async shards() {
      const shard = {
        name: 'torn',
        fingerprint: () => undefined,
        async *entries() {
          yield { key: 'page 7', reason: 'It was torn.' }
          yield* colourSamples
        },
      }
      return [shard]
    },
  }
  await inTemporaryFolder(async store => {
    for (const [name, changes] of Object.entries({ decoded: {}, streamed: { streaming: {} } })) {
      const definition = colourRun({ name, trainData: torn, epochs: 1, ...changes })
      assert.is(await train(definition, { store }), 'completed')
      assert.equal(
        factsOf(store, name, 'sample.skipped').map(({ data }) => data),
        [{ source: 'torn', key: 'page 7', reason: 'It was torn.' }],
      )
      assert.is(factsOf(store, name, 'run.started')[0]?.data.data.train.skipped, 1)
    }
    const strict = colourRun({ name: 'strict', trainData: torn, maximumBadShare: 0.01 })
    const { message } = await rejectedBy(DataHandlerError, () => train(strict, { store }))
    assert.match(message, '1 of the 25 samples of torn cannot be used')
  })
})

test.run()
