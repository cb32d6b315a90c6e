import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { createDualEncoder, type DualEncoder } from '../../src/learning/dual-encoder.ts'
import { type DualEncoderConfigInput, dualEncoderConfig } from '../../src/learning/dual-encoder-config.ts'
import '../../src/learning/gradients.ts'
import { measureModel } from '../../src/learning/measure-model.ts'
import { inference } from '../../src/learning/pass.ts'
import { type PresetName, presets } from '../../src/learning/presets.ts'
import { usableBackends } from '../support/usable-backends.ts'

await prepareBackend('cpu')

const sizes = { imageSize: 12, tokenLength: 5, vocabularySize: 9 }

const image: fc.Arbitrary<DualEncoderConfigInput['image']> = fc.oneof(
  fc.record({
    kind: fc.constant('convolutional' as const),
    stem: fc.record({ channels: fc.integer({ min: 1, max: 6 }), stride: fc.integer({ min: 1, max: 2 }) }),
    stages: fc.array(fc.record({ channels: fc.integer({ min: 1, max: 6 }), blocks: fc.constantFrom(1, 2) }), {
      minLength: 1,
      maxLength: 2,
    }),
  }),
  fc.record({
    kind: fc.constant('resnet' as const),
    block: fc.constantFrom('basic' as const, 'bottleneck' as const),
    depths: fc.array(fc.integer({ min: 1, max: 2 }), { minLength: 1, maxLength: 3 }),
    width: fc.integer({ min: 1, max: 4 }),
    stem: fc.record({
      kernelSize: fc.constantFrom(3 as const, 7 as const),
      stride: fc.constantFrom(1, 2),
      pooling: fc.boolean(),
    }),
  }),
  fc.record({
    kind: fc.constant('vision-transformer' as const),
    patchSize: fc.constantFrom(2, 3, 4, 6),
    width: fc.constantFrom(2, 4, 6),
    heads: fc.constantFrom(1, 2),
    layers: fc.integer({ min: 1, max: 2 }),
    pooling: fc.constantFrom('class-token' as const, 'mean' as const),
    activation: fc.constantFrom('relu' as const, 'gelu' as const, 'quick-gelu' as const),
    inputNormalization: fc.boolean(),
  }),
)

const text: fc.Arbitrary<DualEncoderConfigInput['text']> = fc.oneof(
  fc.record({
    kind: fc.constant('bag-of-words' as const),
    width: fc.integer({ min: 1, max: 6 }),
    hidden: fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 2 }),
  }),
  fc.record({
    kind: fc.constant('transformer' as const),
    width: fc.constantFrom(2, 4, 6),
    heads: fc.constantFrom(1, 2),
    layers: fc.integer({ min: 1, max: 2 }),
    attention: fc.constantFrom('full' as const, 'causal' as const),
    pooling: fc.constantFrom('mean' as const, 'last-token' as const),
  }),
)

/** The multiplications and additions of the products and convolutions that a backend was asked for, by what it says. */
async function profiled(work: () => tf.Tensor): Promise<number> {
  const { kernels } = await tf.profile(() => tf.tidy(work))
  let operations = 0
  for (const { name, inputShapes, outputShapes } of kernels) {
    const [output = []] = outputShapes as number[][]
    const places = output.reduce((product, side) => product * side, 1)
    if (name === tf.BatchMatMul) operations += 2 * places * innerSide(inputShapes as number[][], output)
    if (name === tf.Conv2D)
      operations += 2 * places * ((inputShapes[1] as number[]).slice(0, 3) as number[]).reduce((a, b) => a * b)
  }
  return operations
}

/** The side that the matrices of a product share: what is left of a's numbers where its rows are known. */
function innerSide([a = []]: number[][], output: number[]): number {
  const rows = output.at(-2) as number
  return a.at(-2) === rows ? (a.at(-1) as number) : (a.at(-2) as number)
}

const measuring = suite('measureModel')

measuring('agrees with the model that is really built and really run, whatever it is made of', async () => {
  await fc.assert(
    fc.asyncProperty(image, text, fc.integer({ min: 1, max: 7 }), async (image, text, dimension) => {
      const config = dualEncoderConfig.parse({ dimension, image, text })
      const size = measureModel(config, sizes)
      const model = createDualEncoder(config, { ...sizes, seed: 1 })
      try {
        const arrays = size.layers.flatMap(({ name, arrays }) =>
          Object.entries(arrays).map(([last, shape]) => [name === last ? name : `${name}.${last}`, shape] as const),
        )
        const built = model.parameters.map(({ name, variable }) => [name, variable.shape] as const)
        assert.equal(new Map(arrays), new Map(built))
        assert.is(size.parameters.total, countOf(model, ''))
        assert.is(size.parameters.image, countOf(model, 'image'))
        assert.is(size.parameters.text, countOf(model, 'text'))
        assert.is(
          size.layers.reduce((sum, { parameters }) => sum + parameters, 0),
          size.parameters.total,
        )
        assert.is(
          size.weightBytes,
          model.parameters.reduce((bytes, { variable }) => bytes + variable.dataSync().byteLength, 0),
        )
        assert.is(
          size.operations.image,
          await profiled(() => model.encodeImages(tf.zeros([1, sizes.imageSize, sizes.imageSize, 3]), inference)),
        )
        assert.is(
          size.operations.text,
          await profiled(() => model.encodeTexts(tf.zeros([1, sizes.tokenLength], 'int32'), inference)),
        )
      } finally {
        model.dispose()
      }
    }),
    { numRuns: 60 },
  )
})

function countOf({ parameters }: DualEncoder, prefix: string): number {
  const counted = parameters.filter(({ name, trainable }) => trainable && name.startsWith(prefix))
  return counted.reduce((sum, { variable }) => sum + variable.size, 0)
}

/** What the papers and PyTorch's models say: parameters without the projection, and multiply-adds, in millions. */
const published: readonly [PresetName, { parameters: number; projection: number; multiplyAdds: number }][] = [
  ['resnet-18', { parameters: 11_176_512, projection: 512 * 256, multiplyAdds: 1814 }],
  ['resnet-50', { parameters: 23_508_032, projection: 2048 * 512, multiplyAdds: 4089 }],
]

for (const [name, { parameters, projection, multiplyAdds }] of published) {
  measuring(`finds in ${name} what is published of it`, () => {
    const size = measureModel(presets[name].model, presets[name])
    assert.is(size.parameters.image, parameters + projection)
    const found = size.operations.image / 2e6
    assert.ok(Math.abs(found / multiplyAdds - 1) < 0.01, `${found} million multiply-adds`)
  })
}

measuring("finds the 151,277,313 parameters of CLIP's ViT-B/32, and makes none of them", () => {
  const { model, ...options } = presets['vit-base-32']
  const before = process.memoryUsage().rss
  const size = measureModel(model, options)
  assert.is(size.parameters.total, 151_277_313)
  assert.ok(Math.abs(size.operations.image / 2e9 / 4.41 - 1) < 0.01, 'the published 4.4 billion multiply-adds')
  assert.ok(process.memoryUsage().rss - before < 200e6, 'the weights alone would be 605 MB')
})

for (const backend of usableBackends()) {
  measuring(`leaves ${backend} the current backend, with all its tensors`, async () => {
    await prepareBackend(backend)
    const x = tf.tensor1d([1, 2, 3])
    const before = tf.memory().numTensors
    measureModel(presets['vit-micro-8'].model, presets['vit-micro-8'])
    assert.is(tf.getBackend(), backend)
    assert.is(tf.memory().numTensors, before)
    assert.equal([...tf.tidy(() => tf.add(x, 1).dataSync())], [2, 3, 4])
    x.dispose()
  })
}

measuring('leaves the current backend also where the model cannot be built', async () => {
  await prepareBackend('cpu')
  const config = presets['vit-micro-8'].model
  assert.throws(() => measureModel(config, { ...sizes, imageSize: 13 }), /13 px cannot be cut into patches of 8 px/)
  assert.is(tf.getBackend(), 'cpu')
  assert.is(
    tf.tidy(() => tf.add(1, 2).dataSync()[0]),
    3,
  )
})

measuring.run()
