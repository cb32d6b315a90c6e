import * as tf from '@tensorflow/tfjs-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { createDualEncoder, type DualEncoder, ModelConfigError } from '../../src/learning/dual-encoder.ts'
import { type DualEncoderConfigInput, dualEncoderConfig } from '../../src/learning/dual-encoder-config.ts'
import { inference, type Pass, TrainingPass } from '../../src/learning/pass.ts'
import { TextLengthError } from '../../src/learning/towers/transformer-text-tower.ts'
import { ImageSizeError } from '../../src/learning/towers/vision-transformer-image-tower.ts'
import { arraysOf, copyState } from '../support/state.ts'
import { thrownBy } from '../support/thrown.ts'
import { tinyBatch, tinyImageSize, tinyModel, tinyTokenLength } from '../support/tiny-model.ts'

await prepareBackend('cpu')

const texts: DualEncoderConfigInput['text'][] = [
  { kind: 'bag-of-words', width: 8, hidden: [8] },
  { kind: 'bag-of-words', width: 8, hidden: [] },
  { kind: 'transformer', width: 8, layers: 2, heads: 2 },
  { kind: 'transformer', width: 8, layers: 2, heads: 2, attention: 'causal', pooling: 'last-token' },
]

function images(size: number, seed = 1): tf.Tensor4D {
  return tf.tensor4d(tinyBatch(size, seed).images, [size, tinyImageSize, tinyImageSize, 3])
}

function encodeTexts(model: DualEncoder, rows: readonly (readonly number[])[]): number[][] {
  return tf.tidy(() =>
    model.encodeTexts(tf.tensor2d(rows as number[][], [rows.length, tinyTokenLength], 'int32'), inference).arraySync(),
  )
}

function assertNear(actual: readonly number[], expected: readonly number[], tolerance = 1e-5): void {
  for (const [index, value] of expected.entries()) {
    assert.ok(Math.abs((actual[index] as number) - value) < tolerance, `${actual} is not near ${expected}`)
  }
}

const encoding = suite('DualEncoder')

encoding('gives rows of length 1 for pictures and texts', () => {
  for (const text of texts) {
    const model = tinyModel(1, text)
    const pictures = tf.tidy(() => model.encodeImages(images(5), inference).arraySync())
    const written = encodeTexts(model, [
      [1, 2, 3, 4],
      [5, -1, -1, -1],
    ])
    for (const row of [...pictures, ...written]) assertNear([Math.hypot(...row)], [1])
  }
})

encoding('does not look at padding, nor at what else is in the batch', () => {
  for (const text of texts) {
    const model = tinyModel(1, text)
    const [alone] = encodeTexts(model, [[3, 7, -1, -1]])
    const [among] = encodeTexts(model, [
      [3, 7, -1, -1],
      [1, 1, 1, 1],
    ])
    const [otherwisePadded] = encodeTexts(model, [[3, 7, -5, -2]])
    assert.ok(alone)
    assertNear(among as number[], alone)
    assertNear(otherwisePadded as number[], alone)
  }
})

encoding('knows the order of words with a transformer, and not with a bag of words', () => {
  const pair = [
    [3, 7, 2, -1],
    [2, 7, 3, -1],
  ]
  const [bagForth, bagBack] = encodeTexts(tinyModel(), pair) as [number[], number[]]
  assertNear(bagForth, bagBack)
  const transformer = tinyModel(1, { kind: 'transformer', width: 8, layers: 1, heads: 2 })
  const [forth, back] = encodeTexts(transformer, pair) as [number[], number[]]
  assert.ok(Math.max(...forth.map((value, index) => Math.abs(value - (back[index] as number)))) > 1e-3)
})

encoding('stays finite for a text without tokens', () => {
  for (const text of texts) {
    const model = tinyModel(1, text)
    assert.ok(
      encodeTexts(model, [[-1, -1, -1, -1]])
        .flat()
        .every(Number.isFinite),
    )
  }
})

encoding('knows a text that is read in order by its last token, which is not hidden from itself', () => {
  const model = tinyModel(1, {
    kind: 'transformer',
    width: 8,
    layers: 1,
    heads: 2,
    attention: 'causal',
    pooling: 'last-token',
    tokenDropout: 0.9,
  })
  const [begun, otherwise] = encodeTexts(model, [
    [3, 7, 2, -1],
    [3, 7, 4, -1],
  ]) as [number[], number[]]
  assert.ok(Math.max(...begun.map((value, index) => Math.abs(value - (otherwise[index] as number)))) > 1e-3)
  // With all but the first and the last token hidden, the second makes no difference.
  const hidden = (tokens: number[]) =>
    tf.tidy(() => {
      const batch = tf.tensor2d(Array.from({ length: 40 }, () => tokens).flat(), [40, tinyTokenLength], 'int32')
      return model.encodeTexts(batch, new TrainingPass({ seed: 1, step: 0 })).arraySync()
    })
  const same = hidden([3, 7, 2, -1]).filter((row, index) => row.join() === hidden([3, 5, 2, -1])[index]?.join())
  assert.ok(same.length > 25 && same.length < 40, `${same.length} of 40`)
  assert.ok(hidden([3, 7, 2, -1]).flat().every(Number.isFinite))
})

encoding('takes shorter texts than it was built for, and refuses longer ones', () => {
  const model = tinyModel(1, { kind: 'transformer', width: 8, layers: 1, heads: 2 })
  const [whole] = encodeTexts(model, [[3, 7, -1, -1]]) as [number[]]
  const short = tf.tidy(() => model.encodeTexts(tf.tensor2d([[3, 7]], [1, 2], 'int32'), inference).arraySync())
  assertNear(short[0] as number[], whole)
  const long = () => tf.tidy(() => model.encodeTexts(tf.zeros([1, 5], 'int32'), inference))
  assert.match(thrownBy(TextLengthError, long).message, /places for 4 tokens, and was given texts of 5/)
})

encoding('refuses pictures that a vision transformer has no places for', () => {
  const config = dualEncoderConfig.parse({ image: { kind: 'vision-transformer', patchSize: 4, width: 6, layers: 1 } })
  const sizes = { seed: 1, vocabularySize: 12, tokenLength: 4 }
  assert.match(
    thrownBy(ImageSizeError, () => createDualEncoder(config, { ...sizes, imageSize: 10 })).message,
    /10 px cannot be cut into patches of 4 px/,
  )
  const model = createDualEncoder(config, { ...sizes, imageSize: 8 })
  const larger = () => tf.tidy(() => model.encodeImages(tf.ones([1, 12, 12, 3]), inference))
  assert.match(thrownBy(ImageSizeError, larger).message, /places for pictures of 8×8 px, and was given 12×12 px/)
})

encoding('draws no weights without a seed', () => {
  const config = dualEncoderConfig.parse({})
  const model = createDualEncoder(config, { seed: null, vocabularySize: 12, tokenLength: 4, imageSize: 8 })
  const weights = model.parameters.filter(({ name }) => /kernel|table/.test(name))
  assert.ok(weights.length > 5)
  for (const { name, variable } of weights)
    assert.ok(
      variable.dataSync().every(value => value === 0),
      name,
    )
  model.dispose()
})

encoding('hides tokens in training only, other ones each step and the same ones in the same step', () => {
  for (const kind of ['bag-of-words', 'transformer'] as const) {
    const model = tinyModel(1, { kind, width: 8, tokenDropout: 0.5 })
    const tokens = tf.tensor2d([1, 2, 3, 4, 5, -1, -1, -1], [2, tinyTokenLength], 'int32')
    const encode = (pass: Pass) => tf.tidy(() => model.encodeTexts(tokens, pass).arraySync())
    const whole = encode(inference)
    const steps = [0, 1, 2, 3].map(step => encode(new TrainingPass({ seed: 1, step })))
    assert.equal(encode(new TrainingPass({ seed: 1, step: 2 })), steps[2])
    assert.ok(new Set(steps.map(([row]) => row?.join())).size > 1)
    for (const step of steps) assertNear(step[1] as number[], whole[1] as number[])
  }
})

encoding('takes pictures of any size', () => {
  const model = tinyModel()
  const features = tf.tidy(() => model.encodeImages(tf.ones([2, 11, 7, 3]), inference))
  assert.equal(features.shape, [2, 8])
})

encoding('defers running statistics to the pass: discard drops them, commit applies them', () => {
  const model = tinyModel()
  const before = arraysOf(model)
  const tensors = tf.memory().numTensors
  const run = (pass: TrainingPass) => tf.tidy(() => model.encodeImages(images(4), pass)).dispose()

  const dropped = new TrainingPass({ seed: 1, step: 0 })
  run(dropped)
  assert.equal(arraysOf(model), before, 'nothing moves before commit')
  dropped.discard()
  dropped.commit()
  assert.equal(arraysOf(model), before, 'nothing is left to apply')
  assert.is(tf.memory().numTensors, tensors)

  const kept = new TrainingPass({ seed: 1, step: 0 })
  run(kept)
  kept.commit()
  assert.is(tf.memory().numTensors, tensors)
  const changed = arraysOf(model).filter(({ values }, index) => values.join() !== before[index]?.values.join())
  assert.ok(changed.length > 0)
  assert.ok(
    changed.every(({ name }) => /\.(mean|variance)$/.test(name)),
    changed.map(({ name }) => name).join(),
  )
})

encoding('comes to the same features in training and inference once the statistics have settled', () => {
  const model = tinyModel()
  const batch = images(16)
  let training: number[][] = []
  for (let step = 0; step < 200; step++) {
    const pass = new TrainingPass({ seed: 1, step })
    training = tf.tidy(() => model.encodeImages(batch, pass).arraySync())
    pass.commit()
  }
  const settled = tf.tidy(() => model.encodeImages(batch, inference).arraySync())
  // The running variance is the unbiased one, so the two differ by a factor near 1 and no more.
  for (const [row, features] of settled.entries()) assertNear(features, training[row] as number[], 0.02)
})

encoding('starts each weight by its seed and name alone', () => {
  const valuesOf = (model: DualEncoder) => new Map(arraysOf(model).map(({ name, values }) => [name, values.join()]))
  const narrow = valuesOf(tinyModel(5))
  const deep = valuesOf(
    createDualEncoder(
      dualEncoderConfig.parse({
        dimension: 8,
        image: { kind: 'convolutional', stem: { channels: 4, stride: 2 }, stages: [{ channels: 8, blocks: 2 }] },
        text: { kind: 'bag-of-words', width: 8, hidden: [8, 8] },
      }),
      { seed: 5, vocabularySize: 12, tokenLength: 4, imageSize: 8 },
    ),
  )
  for (const [name, values] of narrow) assert.is(deep.get(name), values, name)
  assert.ok(deep.size > narrow.size)
  const other = valuesOf(tinyModel(6))
  assert.is.not(other.get('image.stem.kernel'), narrow.get('image.stem.kernel'))
})

encoding('has names that are unique, and decay on kernels and tables only', () => {
  const { parameters } = tinyModel(1, { kind: 'transformer', width: 8, layers: 1, heads: 2 })
  const names = parameters.map(({ name }) => name)
  assert.is(new Set(names).size, names.length)
  for (const { name, decay, trainable } of parameters) {
    assert.is(decay, /\.(kernel|table|positions)$/.test(name), name)
    assert.is(trainable, !/normalization\.(mean|variance)$/.test(name), name)
  }
})

encoding('tells every array of its state, by which another model becomes the same', () => {
  const from = tinyModel(1)
  const to = tinyModel(2)
  assert.equal(
    from.slots.map(({ name }) => name),
    from.parameters.map(({ name }) => name),
  )
  assert.not.equal(arraysOf(to), arraysOf(from))
  copyState(from, to)
  assert.equal(arraysOf(to), arraysOf(from))
})

encoding('gives everything back on dispose', () => {
  const before = tf.memory().numTensors
  tinyModel().dispose()
  assert.is(tf.memory().numTensors, before)
})

encoding.run()

const configuration = suite('dualEncoderConfig')

configuration('fills defaults in and is plain JSON', () => {
  const config = dualEncoderConfig.parse({})
  assert.is(config.image.kind, 'convolutional')
  assert.equal(dualEncoderConfig.parse(JSON.parse(JSON.stringify(config))), config)
})

configuration('is told what is wrong with it where a model is built', () => {
  const wrong = JSON.parse('{ "dimension": 0, "image": { "kind": "perceptron" } }')
  const sizes = { seed: 1, vocabularySize: 10, tokenLength: 4, imageSize: 8 }
  const error = thrownBy(ModelConfigError, () => createDualEncoder(wrong, sizes))
  assert.match(error.message, /dimension/)
  assert.match(error.message, /image/)
})

configuration('refuses misspelt and impossible settings', () => {
  for (const wrong of [
    { dimensions: 64 },
    { dimension: 0 },
    { text: { kind: 'transformer', width: 10, heads: 4 } },
    { image: { kind: 'convolutional', stages: [] } },
    { image: { kind: 'vision-transformer', width: 10, heads: 4 } },
    { image: { kind: 'resnet', stem: { kernelSize: 5 } } },
    { image: { kind: 'resnet', pixels: { mean: [0, 0, 0], deviation: [1, 0, 1] } } },
    { image: { kind: 'perceptron' } },
  ]) {
    assert.not.ok(dualEncoderConfig.safeParse(wrong).success, JSON.stringify(wrong))
  }
})

configuration.run()
