import * as tf from '@tensorflow/tfjs-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../../src/backends/prepare-backend.ts'
import { createDualEncoder, type DualEncoder } from '../../../src/learning/dual-encoder.ts'
import { type DualEncoderConfigInput, dualEncoderConfig } from '../../../src/learning/dual-encoder-config.ts'
import '../../../src/learning/gradients.ts'
import { inference, TrainingPass } from '../../../src/learning/pass.ts'
import { assertClose } from '../../support/close.ts'
import { randomArray } from '../../support/random-tensor.ts'
import { usableBackends } from '../../support/usable-backends.ts'

const [batch, imageSize, tokenLength, vocabularySize] = [3, 12, 5, 9]

const imageTowers: Record<string, DualEncoderConfigInput['image']> = {
  'a ResNet of basic blocks': {
    kind: 'resnet',
    depths: [1, 2],
    width: 4,
    stem: { kernelSize: 3, stride: 1, pooling: false },
  },
  'a ResNet of bottleneck blocks with a pooled stem': { kind: 'resnet', block: 'bottleneck', depths: [1, 1], width: 4 },
  'a vision transformer with a class token': {
    kind: 'vision-transformer',
    patchSize: 4,
    width: 8,
    layers: 2,
    heads: 2,
  },
  'a vision transformer as CLIP has it': {
    kind: 'vision-transformer',
    patchSize: 6,
    width: 8,
    layers: 1,
    heads: 2,
    activation: 'quick-gelu',
    inputNormalization: true,
    pixels: { mean: [0.48, 0.46, 0.41], deviation: [0.27, 0.26, 0.28] },
  },
  'a vision transformer that takes the mean': {
    kind: 'vision-transformer',
    patchSize: 3,
    width: 6,
    layers: 1,
    heads: 3,
    pooling: 'mean',
  },
}

const textTowers: Record<string, DualEncoderConfigInput['text']> = {
  'a text transformer as CLIP has it': {
    kind: 'transformer',
    width: 8,
    layers: 2,
    heads: 2,
    attention: 'causal',
    activation: 'quick-gelu',
    pooling: 'last-token',
  },
  'a text transformer that sees all, with gelu': {
    kind: 'transformer',
    width: 8,
    layers: 1,
    heads: 2,
    activation: 'gelu',
  },
}

/** A tower within a dual encoder, whose features are asked for in the way of its modality. */
interface Case {
  readonly name: string
  readonly create: () => DualEncoder
  readonly prefix: 'image.' | 'text.'
  readonly encode: (model: DualEncoder, pass: TrainingPass | typeof inference) => tf.Tensor2D
}

const options = { seed: 3, vocabularySize, tokenLength, imageSize }
const pictures = randomArray([batch, imageSize, imageSize, 3], 7).map(value => Math.tanh(value))
const texts = Int32Array.from([1, 5, 2, -1, -1, 3, -1, -1, -1, -1, 8, 7, 6, 5, 4])

const cases: Case[] = [
  ...Object.entries(imageTowers).map(([name, image]) => ({
    name,
    create: () => createDualEncoder(dualEncoderConfig.parse({ dimension: 6, image }), options),
    prefix: 'image.' as const,
    encode: (model: DualEncoder, pass: TrainingPass | typeof inference) =>
      model.encodeImages(tf.tensor4d(pictures, [batch, imageSize, imageSize, 3]), pass),
  })),
  ...Object.entries(textTowers).map(([name, text]) => ({
    name,
    create: () => createDualEncoder(dualEncoderConfig.parse({ dimension: 6, text }), options),
    prefix: 'text.' as const,
    encode: (model: DualEncoder, pass: TrainingPass | typeof inference) =>
      model.encodeTexts(tf.tensor2d(texts, [batch, tokenLength], 'int32'), pass),
  })),
]

/** A fixed weighted sum of the features in training. */
function weightedSum({ encode }: Case, model: DualEncoder): tf.Scalar {
  const pass = new TrainingPass({ seed: 1, step: 0 })
  const features = encode(model, pass)
  pass.discard()
  return tf.sum(tf.mul(features, tf.tensor2d(randomArray(features.shape, 11), features.shape)))
}

const trained = ({ prefix }: Case, model: DualEncoder) =>
  model.parameters.filter(({ name, trainable }) => trainable && name.startsWith(prefix))

interface Answer {
  readonly features: Float32Array
  readonly gradients: ReadonlyMap<string, Float32Array>
}

function answer(each: Case): Answer {
  const model = each.create()
  const gradients = new Map<string, Float32Array>()
  let features = new Float32Array()
  try {
    tf.tidy(() => {
      const parameters = trained(each, model)
      const { grads } = tf.variableGrads(
        () => weightedSum(each, model),
        parameters.map(({ variable }) => variable),
      )
      for (const { name, variable } of parameters) {
        gradients.set(name, (grads[variable.name] as tf.Tensor).dataSync<'float32'>().slice())
      }
      features = each.encode(model, inference).dataSync<'float32'>().slice()
    })
    return { features, gradients }
  } finally {
    model.dispose()
  }
}

await prepareBackend('cpu')
const wanted = new Map(cases.map(each => [each.name, answer(each)]))

const slopes = suite('towers on cpu')

for (const each of cases) {
  slopes(`${each.name} has the gradients that finite differences show, of every parameter`, () => {
    const model = each.create()
    const { gradients } = wanted.get(each.name) as Answer
    // Short, because relu has a kink; not shorter, because numbers have seven digits.
    const step = 2e-4
    for (const [index, { name, variable }] of trained(each, model).entries()) {
      const gradient = gradients.get(name) as Float32Array
      const along = randomArray([variable.size], 50 + index)
      const before = variable.dataSync<'float32'>().slice()
      const [above, below] = [step, -step].map(distance => {
        const moved = before.map((value, place) => value + distance * (along[place] as number))
        return tf.tidy(() => {
          variable.assign(tf.tensor(moved, variable.shape))
          return weightedSum(each, model).dataSync()[0] as number
        })
      }) as [number, number]
      tf.tidy(() => variable.assign(tf.tensor(before, variable.shape)))
      const slope = gradient.reduce((sum, value, place) => sum + value * (along[place] as number), 0)
      const tolerance = 0.07 * Math.hypot(...gradient) + 5e-3
      const found = (above - below) / (2 * step)
      assert.ok(Math.abs(found - slope) < tolerance, `${name}: the slope is ${found}, its gradient says ${slope}`)
    }
    model.dispose()
  })
}

slopes.run()

for (const backend of usableBackends().filter(name => name !== 'cpu')) {
  const towers = suite(`towers on ${backend}`)
  // Not in `before`: uvu swallows an error that is thrown there.
  towers.before.each(async () => {
    await prepareBackend(backend)
  })

  for (const each of cases) {
    towers(`${each.name} gives the features and gradients that it gives on cpu`, () => {
      const { features, gradients } = answer(each)
      const { features: wantedFeatures, gradients: wantedGradients } = wanted.get(each.name) as Answer
      assertClose(features, wantedFeatures, 1e-5, 'features')
      for (const [name, gradient] of gradients) {
        assertClose(gradient, wantedGradients.get(name) as Float32Array, 1e-4, `the gradient of ${name}`)
      }
    })

    towers(`${each.name} leaves no tensor behind`, () => {
      answer(each)
      const before = { tensors: tf.memory().numTensors, buffers: tf.memory().numDataBuffers }
      answer(each)
      assert.equal({ tensors: tf.memory().numTensors, buffers: tf.memory().numDataBuffers }, before)
    })
  }

  towers.run()
}
