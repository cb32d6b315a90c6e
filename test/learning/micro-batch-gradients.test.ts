import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { AdamW } from '../../src/learning/adamw.ts'
import { createDualEncoder, type DualEncoder } from '../../src/learning/dual-encoder.ts'
import { dualEncoderConfig } from '../../src/learning/dual-encoder-config.ts'
import { lossOf } from '../../src/learning/loss/batch-loss.ts'
import { initialLogitsOf } from '../../src/learning/loss/initial-logits.ts'
import { type LossConfig, lossConfig } from '../../src/learning/loss/loss-config.ts'
import type { TrainingBatch } from '../../src/learning/training-batch.ts'
import { type StepResult, trainingStep } from '../../src/learning/training-step.ts'
import { Random } from '../../src/random/random.ts'
import { assertNear } from '../support/near.ts'
import { normalizationFreeModel } from '../support/normalization-free-model.ts'
import { tinyBatch, tinyImageSize, tinyModel, tinyTokenLength, tinyVocabulary } from '../support/tiny-model.ts'
import { usableBackends } from '../support/usable-backends.ts'

const accumulation = suite('gradients of micro-batches')
const losses = (['softmax', 'sigmoid'] as const).map(kind => lossConfig.parse({ kind }))

/** The gradients of one step, all in one vector. */
function gradientOf(
  model: DualEncoder,
  batch: TrainingBatch,
  config: LossConfig,
  microBatchSize: number | null,
): { gradient: Float32Array; result: StepResult } {
  const optimizer = new AdamW(model.parameters)
  let gradient = new Float32Array()
  const inspect = (flat: tf.Tensor1D) => {
    gradient = Float32Array.from(flat.dataSync())
  }
  const options = { model, optimizer, batch, loss: lossOf(config), learningRate: 0, seed: 1, step: 3 }
  const result = trainingStep({ ...options, microBatchSize, inspect })
  optimizer.dispose()
  return { gradient, result }
}

function assertSameGradient(actual: Float32Array, wanted: Float32Array): void {
  assert.is(actual.length, wanted.length)
  const longest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  assert.ok(longest > 0)
  for (const [place, value] of actual.entries()) assertNear(value, wanted[place] as number, 2e-5 * longest, `${place}`)
}

/** A batch with a group of two and a caption that comes twice. */
function batchOf(size: number, seed: number): TrainingBatch {
  const batch = tinyBatch(size, seed)
  if (size < 3) return batch
  batch.groups[1] = batch.groups[0] as number
  batch.tokens.copyWithin(2 * batch.tokenLength, 0, batch.tokenLength)
  return batch
}

for (const backend of usableBackends()) {
  accumulation(`are those of the whole batch, for any size of either and both losses, on ${backend}`, async () => {
    await prepareBackend(backend)
    for (const config of losses) {
      const model = normalizationFreeModel({ imageSize: tinyImageSize, logits: initialLogitsOf(config) })
      fc.assert(
        fc.property(
          fc.integer({ min: 2, max: 9 }),
          fc.integer({ min: 1, max: 10 }),
          fc.nat(99),
          (size, micro, seed) => {
            const batch = batchOf(size, seed)
            const whole = gradientOf(model, batch, config, null)
            const accumulated = gradientOf(model, batch, config, micro)
            assertSameGradient(accumulated.gradient, whole.gradient)
            assertNear(accumulated.result.loss, whole.result.loss, 1e-5)
          },
        ),
        { numRuns: backend === 'cpu' ? 15 : 6 },
      )
      model.dispose()
    }
  })
}

accumulation('4 × 64 updates the weights as 1 × 256 does, within float error, for both losses', async () => {
  await prepareBackend('wasm')
  for (const config of losses) {
    const [whole, accumulated] = [null, 64].map(microBatchSize => {
      const model = normalizationFreeModel({ imageSize: tinyImageSize, logits: initialLogitsOf(config) })
      const optimizer = new AdamW(model.parameters)
      const results = [1, 2, 3].map(step => {
        const options = { model, optimizer, batch: batchOf(256, step), loss: lossOf(config), learningRate: 1e-2 }
        return trainingStep({ ...options, seed: 1, step, microBatchSize })
      })
      const weights = model.parameters.flatMap(({ variable }) => [...variable.dataSync()])
      model.dispose()
      optimizer.dispose()
      return { weights, results }
    })
    assert.ok(whole && accumulated)
    for (const [step, { loss, gradientNorm }] of whole.results.entries()) {
      assertNear(accumulated.results[step]?.loss, loss, 1e-4)
      assertNear(accumulated.results[step]?.gradientNorm, gradientNorm, 1e-4 * (1 + gradientNorm))
    }
    // An update of Adam is about a learning rate of 0.01 in size whatever the gradient is.
    const differences = whole.weights.map((weight, place) => Math.abs(weight - (accumulated.weights[place] as number)))
    const strays = differences.filter(difference => difference > 1e-4).length
    assert.ok(strays < 0.001 * differences.length, `${strays} of ${differences.length} weights differ`)
  }
})

accumulation(
  'are not the mean of the small batches’ own gradients, which would lose most of the negatives',
  async () => {
    await prepareBackend('cpu')
    const [softmax] = losses
    assert.ok(softmax)
    const model = normalizationFreeModel({ imageSize: tinyImageSize })
    const whole = gradientOf(model, tinyBatch(8), softmax, 2)
    const alone = gradientOf(model, tinyBatch(2), softmax, null)
    assert.ok(whole.result.loss > Math.log(6) && alone.result.loss < Math.log(4))
  },
)

accumulation(
  'with dropout are the slopes of the very loss that was told: both forward passes drop the same',
  async () => {
    await prepareBackend('cpu')
    const config = lossConfig.parse({})
    const model = normalizationFreeModel({ imageSize: tinyImageSize, dropout: 0.4 })
    const batch = tinyBatch(6)
    const { gradient, result } = gradientOf(model, batch, config, 2)
    assert.equal(gradientOf(model, batch, config, 2).gradient, gradient, 'the same once more')
    assert.not.equal(gradientOf(model, batch, config, null).result.loss, result.loss, 'a part has numbers of its own')
    // Along a random direction, by finite differences of the loss.
    const random = new Random(5, 'bench')
    const { slots } = new AdamW(model.parameters).layout
    const direction = Float32Array.from(gradient, () => random.normal())
    const lossAt = (distance: number): number => {
      const starts = slots.map(({ parameter }) => Float32Array.from(parameter.variable.dataSync()))
      const moved = (by: number) => {
        for (const [index, { parameter, offset }] of slots.entries()) {
          const values = starts[index]?.map((value, place) => value + by * (direction[offset + place] as number))
          parameter.variable.assign(tf.tensor(values ?? [], parameter.variable.shape))
        }
      }
      moved(distance)
      const { loss } = gradientOf(model, batch, config, 2).result
      moved(0)
      return loss
    }
    const by = 5e-4
    const slope = (lossAt(by) - lossAt(-by)) / (2 * by)
    const wanted = gradient.reduce((sum, value, place) => sum + value * (direction[place] as number), 0)
    assertNear(slope, wanted, 0.02 * Math.abs(wanted) + 0.02)
  },
)

accumulation('with batch normalisation, statistics are those of the micro-batches, and move once a step', async () => {
  await prepareBackend('cpu')
  const statisticsAfter = (batch: TrainingBatch, microBatchSize: number | null) => {
    const model = tinyModel()
    gradientOf(model, batch, lossConfig.parse({}), microBatchSize)
    return new Map(
      model.parameters
        .filter(({ name }) => /stem.*\.(mean|variance)$/.test(name))
        .map(({ name, variable }) => [name, [...variable.dataSync()]]),
    )
  }
  const batch = tinyBatch(6)
  const whole = statisticsAfter(batch, null)
  const accumulated = statisticsAfter(batch, 3)
  const mean = [...whole.keys()].find(name => name.endsWith('mean')) ?? ''
  // The mean of equal parts' means is the mean of all; the parts' variances leave out what lies between the parts.
  for (const [channel, value] of (accumulated.get(mean) ?? []).entries()) {
    assertNear(value, whole.get(mean)?.[channel] as number, 1e-6)
  }
  const variance = mean.replace('mean', 'variance')
  assert.not.equal(accumulated.get(variance), whole.get(variance))
  for (const [channel, value] of (accumulated.get(variance) ?? []).entries()) {
    assertNear(value, whole.get(variance)?.[channel] as number, 0.02)
  }
})

accumulation('train only the logit scale where all else is frozen', async () => {
  await prepareBackend('cpu')
  const model = normalizationFreeModel({ imageSize: tinyImageSize })
  model.freeze(['image', 'text', '*Projection'])
  const config = lossConfig.parse({})
  const whole = gradientOf(model, tinyBatch(6), config, null)
  const accumulated = gradientOf(model, tinyBatch(6), config, 2)
  assert.is(accumulated.gradient.length, 1)
  assertSameGradient(accumulated.gradient, whole.gradient)
})

accumulation('touch nothing when a micro-batch is not finite, and leave no tensors behind', async () => {
  await prepareBackend('cpu')
  const model = tinyModel()
  const optimizer = new AdamW(model.parameters)
  const weights = () => model.parameters.map(({ variable }) => [...variable.dataSync()])
  const take = (batch: TrainingBatch, step: number) =>
    trainingStep({ model, optimizer, batch, learningRate: 0.01, seed: 1, step, microBatchSize: 2 })
  take(tinyBatch(6), 0)
  const before = { weights: weights(), tensors: tf.memory().numTensors }
  const broken = tinyBatch(6)
  broken.images[broken.images.length - 1] = Number.NaN
  assert.is(take(broken, 1).applied, false)
  assert.equal(weights(), before.weights)
  for (let step = 2; step < 12; step++) assert.ok(take(tinyBatch(6, step), step).applied)
  assert.is(tf.memory().numTensors, before.tensors)
})

/** The most bytes that tensors took up at any moment of a step, beyond those that were there before it. */
async function peakBytes(model: DualEncoder, batch: TrainingBatch, microBatchSize: number | null): Promise<number> {
  const optimizer = new AdamW(model.parameters)
  const before = tf.memory().numBytes
  const options = { model, optimizer, batch, learningRate: 0.01, seed: 1, step: 1, microBatchSize }
  const { peakBytes } = await tf.profile(() => {
    trainingStep(options)
    return tf.scalar(0)
  })
  optimizer.dispose()
  return peakBytes - before
}

accumulation('hold one micro-batch’s activations: 8 × 32 takes little more than 32 alone', async () => {
  await prepareBackend('wasm')
  const config = dualEncoderConfig.parse({
    image: { kind: 'convolutional', stem: { channels: 16 }, stages: [{ channels: 16 }] },
    text: { kind: 'bag-of-words', width: 8, hidden: [8] },
  })
  const options = { seed: 1, vocabularySize: tinyVocabulary, tokenLength: tinyTokenLength, imageSize: tinyImageSize }
  const model = createDualEncoder(config, options)
  const whole = await peakBytes(model, tinyBatch(256), null)
  const accumulated = await peakBytes(model, tinyBatch(256), 32)
  const small = await peakBytes(model, tinyBatch(32), null)
  const told = `256 at once ${whole} bytes, 8 × 32 ${accumulated}, 32 alone ${small}`
  assert.ok(accumulated < whole / 3, told)
  // What grows with the batch are features and a few matrices of logits, not activations.
  const logits = 256 ** 2 * Float32Array.BYTES_PER_ELEMENT
  assert.ok(accumulated - small < 8 * logits, told)
})

accumulation.run()
