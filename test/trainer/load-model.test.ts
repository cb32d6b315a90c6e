import * as tf from '@tensorflow/tfjs-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { TrainingData } from '../../src/events/training-events.ts'
import { Journal } from '../../src/journal/journal.ts'
import { inference } from '../../src/learning/pass.ts'
import { runStream, Store } from '../../src/storage/store.ts'
import { CheckpointError } from '../../src/trainer/checkpoint-errors.ts'
import { loadModel } from '../../src/trainer/load-model.ts'
import { MultimodalTrainer } from '../../src/trainer/multimodal-trainer.ts'
import { colourRun } from '../support/colour-run.ts'
import { rejectedBy } from '../support/rejected.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const loading = suite('loadModel')

loading('brings back the model of the best checkpoint, ready to be asked', async () => {
  await inTemporaryFolder(async store => {
    const trainer = new MultimodalTrainer(colourRun(), { store, backend: 'wasm' })
    await trainer.train()
    const before = tf.memory().numTensors
    const { model, tokenizer, settings, checkpoint } = await loadModel('colours', { store })

    const journal = Journal.open(new Store(store).journalPath, { readOnly: true })
    const captured = [...journal.read({ stream: runStream('colours'), types: ['checkpoint.captured'] })]
    journal.close()
    const told = captured.map(({ data }) => data as TrainingData<'checkpoint.captured'>)
    assert.is(checkpoint, told.findLast(({ reason }) => reason === 'best')?.checkpoint)

    const length = tf.tidy(() => {
      const tokens = tf.tensor2d(
        tokenizer.encode('a red square', settings.tokenLength),
        [1, settings.tokenLength],
        'int32',
      )
      return tf.norm(model.encodeTexts(tokens, inference)).dataSync()[0]
    })
    assert.ok(Math.abs((length ?? 0) - 1) < 1e-5)
    model.dispose()
    assert.is(tf.memory().numTensors, before)

    const latest = told.at(-1)?.checkpoint ?? ''
    const chosen = await loadModel('colours', { store, checkpoint: latest })
    assert.is(chosen.checkpoint, latest)
    chosen.model.dispose()

    const error = await rejectedBy(CheckpointError, loadModel('colours', { store, checkpoint: 'step-9' }))
    assert.match(error.message, `has no checkpoint step-9: it has ${checkpoint}`)
    assert.match((await rejectedBy(CheckpointError, loadModel('other', { store }))).message, 'There is no run other')
  })
})

loading.run()
