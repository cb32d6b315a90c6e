import * as tf from '@tensorflow/tfjs-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import '../../src/learning/gradients.ts'
import { AdamW } from '../../src/learning/adamw.ts'
import { createDualEncoder, type DualEncoder } from '../../src/learning/dual-encoder.ts'
import type { DualEncoderConfigInput } from '../../src/learning/dual-encoder-config.ts'
import { keepTapeLean } from '../../src/learning/lean-tape.ts'
import { lossOf } from '../../src/learning/loss/batch-loss.ts'
import { TrainingPass } from '../../src/learning/pass.ts'
import { batchTensors } from '../../src/learning/training-batch.ts'
import { trainingStep } from '../../src/learning/training-step.ts'
import { Random } from '../../src/random/random.ts'
import { TensorLedger } from '../support/tensor-ledger.ts'
import { tinyBatch, tinyImageSize, tinyTokenLength, tinyVocabulary } from '../support/tiny-model.ts'
import { usableBackends } from '../support/usable-backends.ts'

const test = suite('a lean tape')

type Inputs = Readonly<Record<string, tf.Variable>>

const random = new Random(1, 'bench')

function variableOf(...shape: number[]): tf.Variable {
  const size = tf.util.sizeFromShape(shape)
  return tf.variable(
    tf.tensor(
      Float32Array.from({ length: size }, () => random.normal()),
      shape,
    ),
  )
}

/** The value and every gradient of it, as numbers. */
function gradientsOf(compute: () => tf.Tensor, inputs: Inputs, lean: boolean): number[][] {
  return tf.tidy(() => {
    const variables = Object.values(inputs)
    const { value, grads } = tf.variableGrads(() => {
      if (lean) keepTapeLean()
      return tf.sum(tf.square(compute())) as tf.Scalar
    }, variables)
    // Some lead to one input only.
    const wanted = variables.flatMap(({ name }) => grads[name] ?? [])
    return [value, ...wanted].map(tensor => [...tensor.dataSync()])
  })
}

/** Functions of `a` [2, 3, 4] and `b` [3, 4], by what is peculiar about their gradients. */
function peculiar({ a, b }: { a: tf.Variable; b: tf.Variable }): Readonly<Record<string, () => tf.Tensor>> {
  const constant = tf.keep(tf.ones(a.shape))
  const custom = (gradFunc: (slope: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor | tf.Tensor[]) =>
    tf.customGrad((...given) => {
      const save = given.pop() as unknown as tf.GradSaveFunc
      const inputs = given as tf.Tensor[]
      save(inputs)
      return { value: inputs.reduce((sum, input) => tf.add(sum, input)), gradFunc }
    })
  const squared = () => tf.square(a as tf.Tensor)
  return {
    'add, sub and spreading': () => tf.sub(tf.add(tf.mul(a, a), tf.mul(b, b)), tf.exp(b)),
    'reshape and expandDims': () => tf.reshape(tf.expandDims(tf.mul(a, b), 1), [-1]),
    'sum and mean': () => tf.mul(tf.sum(tf.mul(a, b), 1, true), tf.mean(tf.mul(a, b), [0, 2], true)),
    'concat, slice and pad': () =>
      tf.pad(tf.slice(tf.concat([tf.mul(a, b), squared()], 1), [0, 1, 1], [2, 4, 2]), [
        [0, 1],
        [2, 0],
        [0, 0],
      ]),
    'a value that is used three times': () => {
      const shared = tf.mul(a, b)
      return tf.add(tf.mul(shared, tf.exp(shared)), shared)
    },
    'several outputs': () => tf.mul(...(tf.split(tf.mul(a, b), 2, 2) as [tf.Tensor, tf.Tensor])),
    'an output that leads nowhere': () => tf.exp(tf.split(tf.mul(a, b), 2, 2)[1] as tf.Tensor),
    'an operation that hands on the slope': () => tf.mul(custom(slope => slope)(squared()), squared()),
    'an operation that gives one tensor for two gradients': () =>
      custom(slope => [slope, slope])(squared(), tf.mul(a, b)),
    'an operation that gives another tensor twice': () =>
      custom(slope => {
        const gradient = tf.mul(slope, 2)
        return [gradient, gradient]
      })(squared(), tf.mul(a, b)),
    'an operation that gives what it saved': () => custom((_, [saved]) => saved as tf.Tensor)(squared()),
    'an operation that gives a tensor from elsewhere': () => tf.mul(custom(() => constant)(squared()), squared()),
    'an operation of which one gradient is not wanted': () =>
      custom(slope => [tf.mul(slope, 2), tf.mul(slope, 3)])(squared(), constant),
  }
}

for (const backend of usableBackends()) {
  test(`gives the same bits and leaves nothing behind, whatever an operation does, on ${backend}`, async () => {
    await prepareBackend(backend)
    const inputs = { a: variableOf(2, 3, 4), b: variableOf(3, 4) }
    const functions = peculiar(inputs)
    const { numTensors } = tf.memory()
    for (const [name, compute] of Object.entries(functions)) {
      assert.equal(gradientsOf(compute, inputs, true), gradientsOf(compute, inputs, false), name)
      assert.is(tf.memory().numTensors, numTensors, name)
    }
    tf.disposeVariables()
  })
}

const models: Readonly<Record<string, DualEncoderConfigInput>> = {
  'convolutional, bag of words': {
    image: { kind: 'convolutional', stem: { channels: 4 }, stages: [{ channels: 8, blocks: 2 }] },
    text: { kind: 'bag-of-words', width: 8, hidden: [8] },
  },
  'resnet with bottlenecks, transformer': {
    image: { kind: 'resnet', block: 'bottleneck', depths: [1, 2], width: 4 },
    text: { kind: 'transformer', width: 8, layers: 2, heads: 2, activation: 'gelu', pooling: 'last-token' },
  },
  'vision transformer, causal transformer': {
    image: { kind: 'vision-transformer', patchSize: 4, width: 8, layers: 2, heads: 2, pooling: 'class-token' },
    text: { kind: 'transformer', width: 8, layers: 1, heads: 2, activation: 'quick-gelu', attention: 'causal' },
  },
}

function modelOf(config: DualEncoderConfigInput): DualEncoder {
  return createDualEncoder(
    { dimension: 8, ...config },
    { seed: 1, vocabularySize: tinyVocabulary, tokenLength: tinyTokenLength, imageSize: tinyImageSize },
  )
}

for (const [name, config] of Object.entries(models)) {
  test(`gives the gradients of a model to the same bits in less memory: ${name}`, async () => {
    await prepareBackend('cpu')
    const ledger = new TensorLedger()
    const model = modelOf(config)
    const { layout } = new AdamW(model.parameters)
    const batch = tinyBatch(16)
    const loss = lossOf()
    const measure = (lean: boolean) => {
      ledger.reset()
      const before = ledger.bytes
      const gradient = tf.tidy(() => {
        const pass = new TrainingPass({ seed: 1, step: 1 })
        const { images, tokens } = batchTensors(batch)
        const { grads } = tf.variableGrads(
          () => {
            if (lean) keepTapeLean()
            return loss(
              { images: model.encodeImages(images, pass), texts: model.encodeTexts(tokens, pass) },
              model,
              batch,
            )
          },
          layout.slots.map(({ parameter }) => parameter.variable),
        )
        pass.discard()
        return [...layout.flatten(grads).dataSync()]
      })
      assert.is(ledger.bytes, before)
      return { gradient, peak: ledger.peak - before }
    }
    const [lean, plain] = [measure(true), measure(false)]
    ledger.close()
    assert.equal(lean.gradient, plain.gradient)
    assert.ok(lean.peak < 0.55 * plain.peak, `${lean.peak} bytes instead of ${plain.peak}`)
    tf.disposeVariables()
  })
}

test('a step holds a map for each convolution and each relu, three that it is at, and little else', async () => {
  await prepareBackend('cpu')
  const ledger = new TensorLedger()
  const [channels, blocks] = [8, 4]
  const model = modelOf({
    image: { kind: 'convolutional', stem: { channels }, stages: [{ channels, blocks, stride: 1 }] },
    text: { kind: 'bag-of-words', width: 8, hidden: [8] },
  })
  const optimizer = new AdamW(model.parameters)
  const batch = tinyBatch(32)
  const before = ledger.bytes
  ledger.reset()
  trainingStep({ model, optimizer, batch, learningRate: 1e-3, seed: 1, step: 1 })
  ledger.close()
  const pixels = batch.size * tinyImageSize ** 2
  const map = pixels * channels * Float32Array.BYTES_PER_ELEMENT
  const pictures = pixels * 3 * Float32Array.BYTES_PER_ELEMENT
  const gradients = optimizer.layout.size * Float32Array.BYTES_PER_ELEMENT
  const kept = 2 + 4 * blocks
  const bound = (kept + 3) * map + pictures + gradients
  const peak = ledger.peak - before
  assert.ok(peak <= bound, `${peak} bytes, and ${bound} were promised`)
  assert.ok(peak >= kept * map, 'the maps that the backward pass needs are there')
  tf.disposeVariables()
})

test.run()
