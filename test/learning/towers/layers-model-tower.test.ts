import * as tf from '@tensorflow/tfjs-core'
import { initializers, input, type LayersModel, layers, model as modelOf, sequential } from '@tensorflow/tfjs-layers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../../src/backends/prepare-backend.ts'
import { AdamW, adamwConfig } from '../../../src/learning/adamw.ts'
import { DualEncoder } from '../../../src/learning/dual-encoder.ts'
import { inference, TrainingPass } from '../../../src/learning/pass.ts'
import { BagOfWordsTextTower, bagOfWordsTextTowerConfig } from '../../../src/learning/towers/bag-of-words-text-tower.ts'
import { LayersModelError, layersModelTower } from '../../../src/learning/towers/layers-model-tower.ts'
import { trainingStep } from '../../../src/learning/training-step.ts'
import { assertSame } from '../../support/same.ts'
import { thrownBy } from '../../support/thrown.ts'
import { tinyBatch, tinyImageSize, tinyTokenLength, tinyVocabulary } from '../../support/tiny-model.ts'
import { usableBackends } from '../../support/usable-backends.ts'

const kernelInitializer = () => initializers.glorotNormal({ seed: 3 })

/** A convolution, batch normalisation, dropout and a frozen dense layer. */
function imageModel(): LayersModel {
  return sequential({
    layers: [
      layers.conv2d({
        inputShape: [tinyImageSize, tinyImageSize, 3],
        filters: 4,
        kernelSize: 3,
        strides: 2,
        kernelInitializer: kernelInitializer(),
      }),
      layers.batchNormalization(),
      layers.reLU(),
      layers.dropout({ rate: 0.5 }),
      layers.globalAveragePooling2d({}),
      layers.dense({ units: 6, trainable: false, kernelInitializer: kernelInitializer() }),
    ],
  })
}

function encoderOf(image: LayersModel): DualEncoder {
  const text = new BagOfWordsTextTower(
    bagOfWordsTextTowerConfig.parse({ kind: 'bag-of-words', width: 8, hidden: [] }),
    {
      seed: 1,
      vocabularySize: tinyVocabulary,
    },
  )
  const tower = layersModelTower<tf.Tensor4D>(image, { name: 'image' })
  return new DualEncoder({ image: tower, text }, { dimension: 6, seed: 1 })
}

function pictures(seed: number): tf.Tensor4D {
  return tf.tensor4d(tinyBatch(6, seed).images, [6, tinyImageSize, tinyImageSize, 3])
}

const valuesOf = ({ parameters }: DualEncoder) =>
  new Map(parameters.map(({ name, variable }) => [name, [...variable.dataSync()]]))

await prepareBackend('cpu')

const fitting = suite('layersModelTower')

fitting('calls the weights by their places, the same for every model of the same make', () => {
  const [one, other] = [encoderOf(imageModel()), encoderOf(imageModel())]
  const told = one.parameters.filter(({ name }) => name.startsWith('image.'))
  assertSame(
    told.map(({ name, trainable, decay }) => [name, trainable, decay]),
    [
      ['image.layer0.kernel', true, true],
      ['image.layer0.bias', true, false],
      ['image.layer1.gamma', true, false],
      ['image.layer1.beta', true, false],
      ['image.layer1.moving_mean', false, false],
      ['image.layer1.moving_variance', false, false],
      ['image.layer5.kernel', false, false],
      ['image.layer5.bias', false, false],
    ],
  )
  assertSame(
    other.parameters.map(({ name }) => name),
    one.parameters.map(({ name }) => name),
  )
  assertSame(valuesOf(other), valuesOf(one))
})

fitting('computes what the model predicts', () => {
  const model = imageModel()
  const tower = layersModelTower<tf.Tensor4D>(model, { name: 'image' })
  const batch = pictures(1)
  const found = tf.tidy(() => tower.encode(batch, inference).arraySync())
  assertSame(found, (model.predict(batch) as tf.Tensor2D).arraySync())
  assert.is(tower.outputSize, 6)
})

fitting('prepares the batch where it is told how', () => {
  const model = sequential({
    layers: [
      layers.embedding({ inputDim: tinyVocabulary + 1, outputDim: 5, inputLength: tinyTokenLength }),
      layers.globalAveragePooling1d({}),
    ],
  })
  // Padding is -1 and the table's first row here.
  const prepare = (tokens: tf.Tensor2D) => tf.add(tokens, tf.scalar(1, 'int32'))
  const tower = layersModelTower<tf.Tensor2D>(model, { name: 'text', prepare })
  const found = tf.tidy(() => tower.encode(tf.tensor2d([[0, 2, -1, -1]], [1, 4], 'int32'), inference).arraySync())
  assertSame(found, (model.predict(tf.tensor2d([[1, 3, 0, 0]])) as tf.Tensor2D).arraySync())
})

fitting('names weights apart that are called alike within a layer', () => {
  const inner = sequential({ layers: [layers.dense({ units: 3, inputShape: [4] }), layers.dense({ units: 2 })] })
  const outer = sequential({ layers: [layers.flatten({ inputShape: [2, 2] }), inner] })
  const names = layersModelTower(outer, { name: 'text' }).parameters.map(({ name }) => name)
  assert.is(names.length, 4)
  assert.is(new Set(names).size, 4)
})

const refused: readonly [string, () => LayersModel, RegExp][] = [
  [
    'noise without a seed',
    () => sequential({ layers: [layers.gaussianNoise({ stddev: 1, inputShape: [4] })] }),
    /GaussianNoise.* adds noise that a resumed run could not repeat/,
  ],
  [
    'noise without a seed, wrapped in another layer',
    () =>
      sequential({
        layers: [
          layers.timeDistributed({ layer: layers.alphaDropout({ rate: 0.5 }), inputShape: [4, 3] }),
          layers.flatten(),
        ],
      }),
    /AlphaDropout.* adds noise/,
  ],
  [
    'dropout of a recurrent layer',
    () =>
      sequential({
        layers: [layers.gru({ units: 3, dropout: 0.1, recurrentInitializer: 'glorotNormal', inputShape: [4, 3] })],
      }),
    /GRU.* adds noise/,
  ],
  [
    'a 1×1 convolution with a stride',
    () =>
      sequential({
        layers: [layers.conv2d({ filters: 2, kernelSize: 1, strides: 2, inputShape: [4, 4, 3] }), layers.flatten()],
      }),
    /1×1 convolution with a stride/,
  ],
  [
    'maps where vectors are wanted',
    () => sequential({ layers: [layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [4, 4, 3] })] }),
    /gives \[batch, 2, 2, 2\], and a tower gives \[batch, features\]/,
  ],
  [
    'two outputs',
    () => {
      const x = input({ shape: [4] })
      const outputs = [layers.dense({ units: 2 }).apply(x), layers.dense({ units: 2 }).apply(x)]
      return modelOf({ inputs: x, outputs: outputs as ReturnType<typeof input>[] })
    },
    /1 inputs and 2 outputs/,
  ],
]

for (const [what, create, message] of refused) {
  fitting(`refuses a model with ${what}`, () => {
    assert.match(thrownBy(LayersModelError, () => layersModelTower(create(), { name: 'image' })).message, message)
  })
}

fitting.run()

for (const backend of usableBackends()) {
  const learning = suite(`layersModelTower on ${backend}`)
  learning.before.each(async () => {
    await prepareBackend(backend)
  })

  learning('leaves running statistics to the pass: discard drops them, commit applies what the layer computed', () => {
    const encoder = encoderOf(imageModel())
    const before = valuesOf(encoder)
    const tensors = tf.memory().numTensors
    const run = (pass: TrainingPass) => tf.tidy(() => void encoder.encodeImages(pictures(1), pass))

    const dropped = new TrainingPass({ seed: 1, step: 0 })
    run(dropped)
    assertSame(valuesOf(encoder), before)
    dropped.discard()
    assertSame(valuesOf(encoder), before)
    assert.is(tf.memory().numTensors, tensors)

    const kept = new TrainingPass({ seed: 1, step: 0 })
    run(kept)
    kept.commit()
    assert.is(tf.memory().numTensors, tensors)
    const after = valuesOf(encoder)
    const changed = [...after].filter(([name, values]) => values.join() !== before.get(name)?.join())
    assertSame(
      changed.map(([name]) => name),
      ['image.layer1.moving_mean', 'image.layer1.moving_variance'],
    )
    encoder.dispose()
  })

  learning('is only used where it is frozen, and keeps frozen statistics where a part is', () => {
    const encoder = encoderOf(imageModel())
    const before = valuesOf(encoder)
    const features = (frozen: RegExp) => {
      const variables = encoder.parameters.filter(({ name }) => frozen.test(name)).map(({ variable }) => variable)
      const pass = new TrainingPass({ seed: 1, step: 0, frozen: new Set(variables) })
      const found = tf.tidy(() => encoder.encodeImages(pictures(1), pass).arraySync())
      pass.commit()
      assertSame(valuesOf(encoder), before)
      return found
    }
    const used = tf.tidy(() => encoder.encodeImages(pictures(1), inference).arraySync())
    assertSame(features(/^image\./), used)
    assert.is.not(features(/moving/).join(), used.join())
    encoder.dispose()
  })

  learning('learns in steps that depend on the seed and the step alone, dropout included; frozen weights stay', () => {
    const trained = [1, 1, 2].map(seed => {
      const encoder = encoderOf(imageModel())
      const before = valuesOf(encoder)
      const optimizer = new AdamW(encoder.parameters, adamwConfig.parse({ learningRate: 0.05 }))
      const losses = Array.from({ length: 30 }, (_, step) => {
        const options = { model: encoder, optimizer, batch: tinyBatch(6), learningRate: 0.01, seed, step }
        return trainingStep(options).loss
      })
      const after = valuesOf(encoder)
      assertSame(after.get('image.layer5.kernel'), before.get('image.layer5.kernel'))
      assert.is.not(after.get('image.layer0.kernel')?.join(), before.get('image.layer0.kernel')?.join())
      optimizer.dispose()
      encoder.dispose()
      return { losses, after }
    })
    const [one, again, other] = trained
    assertSame(again, one)
    assert.is.not(other?.losses.join(), one?.losses.join())
    const [first = 0] = one?.losses ?? []
    assert.ok(Math.min(...(one?.losses.slice(-5) ?? [])) < first, one?.losses.join())
  })

  learning.run()
}
