import * as tf from '@tensorflow/tfjs-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { MultimodalTrainer } from '../../src/trainer/multimodal-trainer.ts'
import { colourRun } from '../support/colour-run.ts'
import { factsOf } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('memory over a long run')

test('a thousand steps and ten pauses leave as many tensors as one step', async () => {
  await inTemporaryFolder(async store => {
    const definition = colourRun({
      epochs: 250,
      evaluation: { every: { epochs: 25 } },
      checkpoints: { every: { epochs: 50 } },
    })
    const trainer = new MultimodalTrainer(definition, { store, backend: 'wasm' })
    const counts = new Map<number, number>()
    trainer.on('step.completed', ({ data: { step } }) => {
      const { numTensors } = tf.memory()
      counts.set(numTensors, (counts.get(numTensors) ?? 0) + 1)
      if (step % 97 === 0) trainer.pause()
    })
    // The command is served when the run stands still, which it does once everybody was told.
    trainer.on('run.paused', () => setImmediate(() => trainer.continue()))
    assert.is(await trainer.train(), 'completed')
    trainer.close()
    assert.is(factsOf(store, 'colours', 'run.paused').length, 10)
    assert.is(factsOf(store, 'colours', 'run.continued').length, 10)
    assert.is(counts.size, 1, `one number of tensors, not ${JSON.stringify([...counts])}`)
    assert.is([...counts.values()][0], 1_000)
  })
})

test.run()
