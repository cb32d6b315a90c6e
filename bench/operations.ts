/**
 * A training step's forward pass and gradients (no optimizer), with the operations of src/learning/operations and with
 * plain TensorFlow.js ones, alternately, on one backend: convolutions of 32, 64 and 128 channels with batch
 * normalisation over 256 pictures of 32×32, and a bag of words of 256 texts of 16 tokens.
 *
 *   node --import tsx bench/operations.ts [tensorflow|wasm|cpu] [rounds]
 */
import * as tf from '@tensorflow/tfjs-core'
import type { BackendName } from '../src/backends/backend.ts'
import { prepareBackend } from '../src/backends/prepare-backend.ts'
import '../src/learning/gradients.ts'
import { batchNormalization } from '../src/learning/operations/batch-normalization.ts'
import { convolution2d } from '../src/learning/operations/convolution2d.ts'
import { embedding } from '../src/learning/operations/embedding.ts'
import { layerNormalization } from '../src/learning/operations/layer-normalization.ts'
import { relu } from '../src/learning/operations/relu.ts'
import { Random } from '../src/random/random.ts'

interface Operations {
  relu: typeof relu
  embedding: typeof embedding
  layerNormalization: typeof layerNormalization
  normalize: (x: tf.Tensor4D, gain: tf.Tensor1D, bias: tf.Tensor1D) => tf.Tensor4D
}

const ours: Operations = {
  relu,
  embedding,
  layerNormalization,
  normalize: (x, gain, bias) => batchNormalization(x, gain, bias, 1e-5).y,
}

const plain: Operations = {
  relu: x => tf.relu(x),
  embedding: (table, indices) => tf.gather(table, indices),
  layerNormalization: (x, gain, bias, epsilon) => {
    const { mean, variance } = tf.moments(x, -1, true)
    return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, epsilon))), gain), bias)
  },
  normalize: (x, gain, bias) => {
    const { mean, variance } = tf.moments(x, [0, 1, 2])
    return tf.batchNorm4d(x, mean as tf.Tensor1D, variance as tf.Tensor1D, bias, gain, 1e-5)
  },
}

const batch = 256
const backend = await prepareBackend((process.argv[2] ?? 'tensorflow') as BackendName)
const rounds = Number(process.argv[3] ?? 10)

function variable<Rank extends tf.Rank>(shape: tf.ShapeMap[Rank], seed: number): tf.Variable<Rank> {
  const random = new Random(seed, 'bench')
  const size = shape.reduce((product, side) => product * side, 1)
  const values = Float32Array.from({ length: size }, () => random.normal() / Math.sqrt(size / (shape.at(-1) ?? 1)))
  return tf.variable(tf.tensor<Rank>(values, shape))
}

const widths = [3, 32, 64, 128]
const blocks = [1, 2, 3].map(index => ({
  kernel: variable<tf.Rank.R4>([3, 3, widths[index - 1] as number, widths[index] as number], index),
  gain: tf.variable(tf.ones<tf.Rank.R1>([widths[index] as number])),
  bias: tf.variable(tf.zeros<tf.Rank.R1>([widths[index] as number])),
  stride: index === 1 ? 1 : 2,
}))
const imageProjection = variable<tf.Rank.R2>([128, 128], 4)
const table = variable<tf.Rank.R2>([2000, 128], 5)
const gain = tf.variable(tf.ones<tf.Rank.R1>([128]))
const bias = tf.variable(tf.zeros<tf.Rank.R1>([128]))
const textProjection = variable<tf.Rank.R2>([128, 128], 6)

const random = new Random(7, 'bench')
const pixels = Float32Array.from({ length: batch * 32 * 32 * 3 }, () => random.normal())
const tokens = Int32Array.from({ length: batch * 16 }, () => random.integer(2000))

function step(operations: Operations): void {
  tf.tidy(() => {
    const { value, grads } = tf.variableGrads(() => {
      let images = tf.tensor4d(pixels, [batch, 32, 32, 3])
      for (const block of blocks) {
        const convolved = convolution2d(images, block.kernel, { stride: block.stride })
        images = operations.relu(operations.normalize(convolved, block.gain, block.bias))
      }
      const imageFeatures = tf.matMul(tf.mean<tf.Tensor2D>(images, [1, 2]), imageProjection)
      const words = operations.embedding(table, tf.tensor2d(tokens, [batch, 16], 'int32'))
      const normalized = operations.layerNormalization(words, gain, bias, 1e-5)
      const textFeatures = tf.matMul(tf.mean<tf.Tensor2D>(normalized, 1), textProjection)
      const logits = tf.matMul(imageFeatures, textFeatures, false, true)
      return tf.neg(tf.mean(tf.sum(tf.mul(tf.eye(batch), tf.logSoftmax(logits)), 1))) as tf.Scalar
    })
    value.dataSync()
    for (const gradient of Object.values(grads)) gradient.dataSync()
  })
}

/** Milliseconds of the clock and of the processor (all threads), which a busy machine disturbs less. */
interface Cost {
  readonly wall: number
  readonly processor: number
}

function measure(operations: Operations): Cost {
  const start = performance.now()
  const before = process.cpuUsage()
  step(operations)
  const { user, system } = process.cpuUsage(before)
  return { wall: performance.now() - start, processor: (user + system) / 1000 }
}

const median = (numbers: number[]) => numbers.sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN
const costs = { ours: [] as Cost[], plain: [] as Cost[] }
for (let round = -2; round < rounds; round++) {
  const ourCost = measure(ours)
  const plainCost = measure(plain)
  if (round < 0) continue
  costs.ours.push(ourCost)
  costs.plain.push(plainCost)
}
for (const [name, each] of Object.entries(costs)) {
  const wall = median(each.map(cost => cost.wall))
  const processor = median(each.map(cost => cost.processor))
  console.log(`${backend.name}, ${name}: ${wall.toFixed(0)} ms, ${processor.toFixed(0)} ms of processor time`)
}
