import * as tf from '@tensorflow/tfjs-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { AdamW } from '../../src/learning/adamw.ts'
import { applyBlock } from '../../src/learning/apply-block.ts'
import { createDualEncoder, type DualEncoder } from '../../src/learning/dual-encoder.ts'
import type { DualEncoderConfigInput } from '../../src/learning/dual-encoder-config.ts'
import { TrainingPass } from '../../src/learning/pass.ts'
import { BatchError, type TrainingBatch } from '../../src/learning/training-batch.ts'
import { type StepResult, trainingStep } from '../../src/learning/training-step.ts'
import { variableGradients } from '../../src/learning/variable-gradients.ts'
import { stateOf } from '../support/state.ts'
import { TensorLedger } from '../support/tensor-ledger.ts'
import { thrownBy } from '../support/thrown.ts'
import { tinyBatch, tinyImageSize, tinyTokenLength, tinyVocabulary } from '../support/tiny-model.ts'
import { usableBackends } from '../support/usable-backends.ts'

const recomputing = suite('recomputed activations')

const models: Readonly<Record<string, DualEncoderConfigInput>> = {
  'convolutional, bag of words': {
    image: { kind: 'convolutional', stem: { channels: 4 }, stages: [{ channels: 8, blocks: 2 }] },
    text: { kind: 'bag-of-words', width: 8, hidden: [8], tokenDropout: 0.3 },
  },
  'resnet with a pooled stem and pixels of its own, transformer': {
    image: { kind: 'resnet', depths: [1, 2], width: 4, pixels: { mean: [0.4, 0.5, 0.6], deviation: [0.3, 0.2, 0.3] } },
    text: { kind: 'transformer', width: 8, layers: 2, heads: 2, activation: 'gelu', tokenDropout: 0.3 },
  },
  'resnet with bottlenecks, transformer that speaks with its last token': {
    image: {
      kind: 'resnet',
      block: 'bottleneck',
      depths: [1, 2],
      width: 4,
      stem: { kernelSize: 3, stride: 1, pooling: false },
    },
    text: { kind: 'transformer', width: 8, layers: 1, heads: 2, pooling: 'last-token' },
  },
  'vision transformer, causal transformer': {
    image: { kind: 'vision-transformer', patchSize: 4, width: 8, layers: 2, heads: 2 },
    text: {
      kind: 'transformer',
      width: 8,
      layers: 2,
      heads: 2,
      activation: 'quick-gelu',
      attention: 'causal',
      tokenDropout: 0.3,
    },
  },
}

function modelOf(config: DualEncoderConfigInput | undefined): DualEncoder {
  return createDualEncoder(
    { dimension: 8, ...config },
    { seed: 1, vocabularySize: tinyVocabulary, tokenLength: tinyTokenLength, imageSize: tinyImageSize },
  )
}

interface Training {
  readonly freeze?: readonly string[]
  readonly microBatchSize?: number
  readonly recomputeActivations: boolean
}

/** A few steps: what each gave with its gradients, and at the end everything that a checkpoint would keep. */
function train(config: DualEncoderConfigInput | undefined, { freeze = [], ...options }: Training) {
  const model = modelOf(config)
  model.freeze(freeze)
  const optimizer = new AdamW(model.parameters)
  const steps: (StepResult & { gradient: number[]; tensors: number })[] = []
  for (let step = 1; step <= 2; step++) {
    let gradient: number[] = []
    const inspect = (flat: tf.Tensor1D) => {
      gradient = [...flat.dataSync()]
    }
    const batch = tinyBatch(6, step)
    const result = trainingStep({ model, optimizer, batch, learningRate: 1e-2, seed: 1, step, inspect, ...options })
    steps.push({ ...result, gradient, tensors: tf.memory().numTensors })
  }
  const [first] = steps
  assert.ok(steps.every(({ applied, tensors }) => applied && tensors === first?.tensors))
  const trained = {
    steps: steps.map(({ tensors: _, ...step }) => step),
    model: stateOf(model),
    optimizer: stateOf(optimizer),
  }
  model.dispose()
  optimizer.dispose()
  return trained
}

for (const backend of usableBackends()) {
  for (const [name, config] of Object.entries(models)) {
    recomputing(
      `give the same losses, gradients, weights and statistics, to the last bit: ${name}, ${backend}`,
      async () => {
        await prepareBackend(backend)
        const { numTensors } = tf.memory()
        for (const options of [{}, { microBatchSize: 4 }, { freeze: ['image.*block0', 'text.embedding'] }]) {
          const kept = train(config, { ...options, recomputeActivations: false })
          assert.equal(train(config, { ...options, recomputeActivations: true }), kept)
        }
        assert.is(tf.memory().numTensors, numTensors)
      },
    )
  }
}

/** A block with a matrix, dropout and buffers of its own, as somebody else's tower may have it. */
function blockOfOnesOwn() {
  const matrix = tf.variable(tf.randomUniform([4, 4], -1, 1, 'float32', 1)) as tf.Variable<tf.Rank.R2>
  const unused = tf.variable(tf.ones([3]))
  const runningMean = tf.variable(tf.zeros([4]), false)
  let runs = 0
  return {
    variables: [matrix as tf.Variable, unused],
    runningMean,
    runs: () => runs,
    apply: (x: tf.Tensor2D, shift: tf.Tensor, pass: TrainingPass): tf.Tensor2D => {
      runs += 1
      const random = pass.random()
      const kept = tf.tensor2d(
        Float32Array.from({ length: x.size }, () => random.integer(2)),
        x.shape,
      )
      pass.defer(runningMean, tf.mean(x, 0))
      tf.exp(unused)
      return tf.add(tf.tanh(tf.matMul(tf.mul(x, kept), matrix)), shift)
    },
  }
}

recomputing('of a block: its random numbers come again, and what it defers counts once', async () => {
  await prepareBackend('cpu')
  const block = blockOfOnesOwn()
  const taken = [false, true].map(recomputeActivations =>
    tf.tidy(() => {
      const pass = new TrainingPass({ seed: 1, step: 1, recomputeActivations }).part(1, 0.5)
      const runs = block.runs()
      const { value, grads } = variableGradients(
        () => {
          const x = tf.tensor2d(
            Float32Array.from({ length: 20 }, (_, place) => Math.sin(place)),
            [5, 4],
          )
          const shift = tf.scalar(0.5)
          const blocks = Array.from({ length: 3 }, () => block)
          const y = blocks.reduce(
            (x, block) =>
              applyBlock([x, shift], pass, ([x, shift], pass) => block.apply(x, shift, pass as TrainingPass)),
            x,
          )
          // What is drawn afterwards is not drawn again.
          return tf.sum(tf.mul(y, pass.random().uniform()))
        },
        block.variables,
        undefined,
      )
      pass.commit()
      const gradients = block.variables.map(({ name }) => [...(grads[name]?.dataSync() ?? [0, 0, 0])])
      const mean = [...block.runningMean.dataSync()]
      return { value: value.dataSync()[0], gradients, mean, runs: block.runs() - runs }
    }),
  )
  const [kept, recomputed] = taken
  assert.equal({ ...recomputed, runs: 3 }, kept)
  assert.is(recomputed?.runs, 6)
  tf.disposeVariables()
})

recomputing('without a gradient being taken, nothing is computed twice', async () => {
  await prepareBackend('cpu')
  const block = blockOfOnesOwn()
  const pass = new TrainingPass({ seed: 1, step: 1, recomputeActivations: true })
  tf.tidy(() => {
    const [x, shift] = [tf.ones<tf.Rank.R2>([5, 4]), tf.scalar(1)]
    applyBlock([x, shift], pass, ([x, shift], pass) => block.apply(x, shift, pass as TrainingPass))
  })
  pass.discard()
  assert.is(block.runs(), 1)
  tf.disposeVariables()
})

/** How often a step ran each kernel. */
async function kernelsOf(options: Training): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  const model = modelOf(models['convolutional, bag of words'])
  model.freeze(options.freeze ?? [])
  const optimizer = new AdamW(model.parameters)
  const { recomputeActivations } = options
  const { kernels } = await tf.profile(() => {
    const batch = tinyBatch(4)
    trainingStep({ model, optimizer, batch, learningRate: 1e-2, seed: 1, step: 1, recomputeActivations })
    return tf.scalar(0)
  })
  for (const { name } of kernels) counts.set(name, (counts.get(name) ?? 0) + 1)
  tf.disposeVariables()
  return counts
}

recomputing('costs a forward pass, and no gradient that is not asked for', async () => {
  await prepareBackend('cpu')
  for (const freeze of [[], ['image.stem', 'image.stage0.block0'], ['image']]) {
    const kept = await kernelsOf({ freeze, recomputeActivations: false })
    const recomputed = await kernelsOf({ freeze, recomputeActivations: true })
    const backward = [...kept].filter(([name]) => /Backprop|Gradient/.test(name))
    assert.ok(backward.length > 0)
    assert.equal(
      [...recomputed].filter(([name]) => /Backprop|Gradient/.test(name)),
      backward,
      freeze.join(),
    )
    const [before, after] = [kept, recomputed].map(counts => counts.get('Chronograd.batchNormalization') ?? 0)
    // Blocks in which nothing is learnt are not computed again.
    const frozen = freeze.includes('image')
    assert.ok(frozen ? after === 0 && before === 0 : after === 2 * (before as number), `${before} and ${after}`)
  }
})

recomputing('touch nothing when a step is not finite or fails, and training goes on', async () => {
  await prepareBackend('cpu')
  const model = modelOf(models['convolutional, bag of words'])
  const optimizer = new AdamW(model.parameters)
  const take = (batch: TrainingBatch, step: number) =>
    trainingStep({ model, optimizer, batch, learningRate: 0.01, seed: 1, step, recomputeActivations: true })
  take(tinyBatch(6), 0)
  const before = { model: stateOf(model), optimizer: stateOf(optimizer), tensors: tf.memory().numTensors }
  const broken = tinyBatch(6)
  broken.images[0] = Number.NaN
  assert.is(take(broken, 1).applied, false)
  assert.equal({ model: stateOf(model), optimizer: stateOf(optimizer), tensors: tf.memory().numTensors }, before)
  const short = { ...tinyBatch(6), imageSize: 8, images: new Float32Array(3) }
  thrownBy(BatchError, () => take(short, 1))
  assert.ok(take(tinyBatch(6, 2), 2).applied)
  assert.is(tf.memory().numTensors, before.tensors)
  tf.disposeVariables()
})

recomputing('a step holds a map for each block, and what one block takes', async () => {
  await prepareBackend('cpu')
  const ledger = new TensorLedger()
  const batch = tinyBatch(32)
  const pixels = batch.size * tinyImageSize ** 2
  const channels = 8
  const map = pixels * channels * Float32Array.BYTES_PER_ELEMENT
  const peaks = [4, 12].map(blocks => {
    const model = modelOf({
      image: { kind: 'convolutional', stem: { channels }, stages: [{ channels, blocks, stride: 1 }] },
      text: { kind: 'bag-of-words', width: 8, hidden: [8] },
    })
    const optimizer = new AdamW(model.parameters)
    const before = ledger.bytes
    ledger.reset()
    trainingStep({ model, optimizer, batch, learningRate: 1e-3, seed: 1, step: 1, recomputeActivations: true })
    const gradients = optimizer.layout.size * Float32Array.BYTES_PER_ELEMENT
    const peak = ledger.peak - before - gradients
    tf.disposeVariables()
    // Each block's input is kept; one block has four maps inside, and three that it is at.
    const bound = (blocks + 4 + 4) * map + pixels * 3 * Float32Array.BYTES_PER_ELEMENT
    assert.ok(peak <= bound, `${peak} bytes with ${blocks} blocks, and ${bound} were promised`)
    return peak
  })
  ledger.close()
  const [few = 0, many = 0] = peaks
  assert.ok(many - few >= 7 * map, 'the inputs of the blocks are there')
})

recomputing.run()
