import * as tf from '@tensorflow/tfjs-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { AdamW } from '../../src/learning/adamw.ts'
import type { DualEncoder } from '../../src/learning/dual-encoder.ts'
import { FreezeError } from '../../src/learning/freeze.ts'
import { lossOf } from '../../src/learning/loss/batch-loss.ts'
import { lossConfig } from '../../src/learning/loss/loss-config.ts'
import { inference } from '../../src/learning/pass.ts'
import { batchTensors } from '../../src/learning/training-batch.ts'
import { trainingStep } from '../../src/learning/training-step.ts'
import { assertNear } from '../support/near.ts'
import { thrownBy } from '../support/thrown.ts'
import { tinyBatch, tinyModel } from '../support/tiny-model.ts'

await prepareBackend('cpu')

const freezing = suite('DualEncoder.freeze')

function valuesOf(model: DualEncoder): Map<string, number[]> {
  return new Map(model.parameters.map(({ name, variable }) => [name, [...variable.dataSync()]]))
}

/** The names of the arrays that five steps change, with the optimizer that changed them. */
function changedBy(model: DualEncoder, microBatchSize: number | null = null): { names: string[]; optimizer: AdamW } {
  const optimizer = new AdamW(model.parameters)
  const before = valuesOf(model)
  for (let step = 1; step <= 5; step++) {
    const options = { model, optimizer, batch: tinyBatch(6, step), learningRate: 0.01, seed: 1, step }
    assert.ok(trainingStep({ ...options, microBatchSize }).applied)
  }
  const names = [...valuesOf(model)].filter(([name, values]) => values.join() !== before.get(name)?.join())
  return { names: names.map(([name]) => name), optimizer }
}

for (const microBatchSize of [null, 2]) {
  const how = microBatchSize === null ? '' : ', with micro-batches too'
  freezing(`leaves a frozen tower bit for bit, its running statistics included${how}`, () => {
    const model = tinyModel()
    model.freeze(['image'])
    const { names, optimizer } = changedBy(model, microBatchSize)
    assert.ok(model.parameters.some(({ name }) => name.startsWith('image.') && name.endsWith('.variance')))
    assert.equal(
      names.filter(name => name.startsWith('image.')),
      [],
    )
    const rest = model.parameters.map(({ name }) => name).filter(name => !name.startsWith('image.'))
    assert.equal(names, rest, 'all else learns')
    assert.not.ok(
      optimizer.slots.some(({ name }) => /^(first|second)\.image\./.test(name)),
      'there are no moments',
    )
  })
}

freezing('shows a frozen part the batch as in use: the loss is that of the features without training', () => {
  const model = tinyModel(1, { kind: 'bag-of-words', width: 8, hidden: [8], tokenDropout: 0.5 })
  const batch = tinyBatch(4)
  const lossInUse = () =>
    tf.tidy(() => {
      const { images, tokens } = batchTensors(batch)
      const features = { images: model.encodeImages(images, inference), texts: model.encodeTexts(tokens, inference) }
      return lossOf(lossConfig.parse({}))(features, model, batch).dataSync()[0] as number
    })
  const lossInTraining = () => {
    const optimizer = new AdamW(model.parameters)
    return trainingStep({ model, optimizer, batch, learningRate: 0, seed: 1, step: 1 }).loss
  }
  assert.not.equal(lossInTraining(), lossInUse())
  model.freeze(['image', 'text', '*Projection'])
  assertNear(lossInTraining(), lossInUse(), 1e-6)
})

freezing('freezes statistics alone, so that the layer learns its gain against fixed ones', () => {
  const model = tinyModel()
  model.freeze(['image.*.mean', 'image.*.variance'])
  const { names } = changedBy(model)
  assert.not.ok(names.some(name => /^image\..*\.(mean|variance)$/.test(name)))
  assert.ok(names.some(name => /^image\..*\.gain$/.test(name)))
})

freezing('leaves a frozen logit scale where it is, also beyond its limit', () => {
  const model = tinyModel()
  model.logitScale.assign(tf.scalar(7))
  model.freeze(['logitScale'])
  changedBy(model)
  assert.is(model.logitScale.dataSync()[0], 7)
})

freezing('adds up over several calls', () => {
  const model = tinyModel()
  model.freeze(['image'])
  model.freeze(['text', 'image'])
  assert.equal(
    [...new Set(changedBy(model).names.map(name => name.split('.')[0]))],
    [...['imageProjection', 'textProjection', 'logitScale']],
  )
})

freezing('refuses a pattern that means nothing, and to leave nothing to train; then nothing is frozen', () => {
  const model = tinyModel()
  const parts = 'its parts are image, text, imageProjection, textProjection, logitScale'
  assert.match(thrownBy(FreezeError, () => model.freeze(['image', 'tower'])).message, `called tower; ${parts}`)
  assert.match(thrownBy(FreezeError, () => model.freeze(['image', '*'])).message, 'leaves nothing')
  assert.is(model.frozen.size, 0)
  assert.ok(model.parameters.some(({ trainable }) => trainable))
})

freezing.run()
