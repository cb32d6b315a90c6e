import * as tf from '@tensorflow/tfjs-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../../src/backends/prepare-backend.ts'
import '../../../src/learning/gradients.ts'
import { attention } from '../../../src/learning/operations/attention.ts'
import { batchNormalization } from '../../../src/learning/operations/batch-normalization.ts'
import { convolution2d } from '../../../src/learning/operations/convolution2d.ts'
import { embedding } from '../../../src/learning/operations/embedding.ts'
import { gelu, quickGelu } from '../../../src/learning/operations/gelu.ts'
import { layerNormalization } from '../../../src/learning/operations/layer-normalization.ts'
import { maxPool } from '../../../src/learning/operations/max-pool.ts'
import { relu } from '../../../src/learning/operations/relu.ts'
import { assertClose } from '../../support/close.ts'
import { randomArray } from '../../support/random-tensor.ts'
import { usableBackends } from '../../support/usable-backends.ts'

type Operation = (...inputs: tf.Tensor[]) => tf.Tensor

/** An operation, and the same composed of tfjs's elementary ones. */
interface Case {
  readonly name: string
  readonly shapes: readonly number[][]
  readonly operation: Operation
  readonly composed: Operation
}

const indices = () => tf.tensor2d([0, 4, 4, 1, 0, 0], [2, 3], 'int32')
const normalize = (x: tf.Tensor, axes: number[]) => {
  const { mean, variance } = tf.moments(x, axes, true)
  return tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-3)))
}
const scale: Operation = (x, gain, bias) => tf.add(tf.mul(x as tf.Tensor, gain as tf.Tensor), bias as tf.Tensor)

const cases: Case[] = [
  { name: 'relu', shapes: [[3, 5]], operation: x => relu(x as tf.Tensor), composed: x => tf.relu(x as tf.Tensor) },
  {
    name: 'gelu',
    shapes: [[4, 9], [9]],
    operation: (x, bias) => gelu(x as tf.Tensor2D, bias as tf.Tensor1D),
    composed: (x, bias) => {
      const biased = tf.add(x as tf.Tensor, bias as tf.Tensor)
      return tf.mul(tf.mul(biased, 0.5), tf.add(1, tf.erf(tf.div(biased, Math.SQRT2))))
    },
  },
  {
    name: 'quickGelu',
    shapes: [[4, 9]],
    operation: x => quickGelu(x as tf.Tensor),
    composed: x => tf.mul(x as tf.Tensor, tf.sigmoid(tf.mul(x as tf.Tensor, 1.702))),
  },
  ...Object.entries<() => tf.Tensor4D | undefined>({
    'in the open': () => undefined,
    'with padding hidden': () => hidden([2, 1, 1, 5]),
    'with later places hidden': () => hidden([1, 1, 5, 5]),
    'with padding and later places hidden': () => hidden([2, 1, 5, 5]),
  }).map(
    ([name, hiddenOf]): Case => ({
      name: `attention ${name}`,
      shapes: [[2 * 5, 3 * 4 * 2], [3 * 4 * 2]],
      operation: (x, bias) =>
        attention(x as tf.Tensor2D, bias as tf.Tensor1D, { batch: 2, heads: 4, hidden: hiddenOf() }),
      composed: (x, bias) => composedAttention(tf.add(x as tf.Tensor2D, bias as tf.Tensor1D), hiddenOf()),
    }),
  ),
  ...[6, 7].map(side => ({
    name: `maxPool of ${side}×${side} pictures`,
    shapes: [[2, side, side, 3]],
    // Squares, because it takes nothing below 0.
    operation: (x: tf.Tensor | undefined) => maxPool(tf.square(x as tf.Tensor4D)),
    composed: (x: tf.Tensor | undefined) => composedPool(tf.square(x as tf.Tensor4D)),
  })),
  {
    name: 'embedding',
    shapes: [[5, 7]],
    operation: table => embedding(table as tf.Tensor2D, indices()),
    composed: table => tf.gather(table as tf.Tensor2D, indices()),
  },
  {
    name: 'layerNormalization of a matrix',
    shapes: [[6, 9], [9], [9]],
    operation: (x, gain, bias) => layerNormalization(x as tf.Tensor, gain as tf.Tensor1D, bias as tf.Tensor1D, 1e-3),
    composed: (x, ...affine) => scale(normalize(x as tf.Tensor, [-1]), ...affine),
  },
  {
    name: 'layerNormalization of a batch of sequences',
    shapes: [[2, 3, 5], [5], [5]],
    operation: (x, gain, bias) => layerNormalization(x as tf.Tensor, gain as tf.Tensor1D, bias as tf.Tensor1D, 1e-3),
    composed: (x, ...affine) => scale(normalize(x as tf.Tensor, [-1]), ...affine),
  },
  {
    name: 'batchNormalization of a matrix',
    shapes: [[8, 5], [5], [5]],
    operation: (x, gain, bias) =>
      batchNormalization(x as tf.Tensor2D, gain as tf.Tensor1D, bias as tf.Tensor1D, 1e-3).y,
    composed: (x, ...affine) => scale(normalize(x as tf.Tensor, [0]), ...affine),
  },
  {
    name: 'batchNormalization of pictures',
    shapes: [[3, 4, 2, 5], [5], [5]],
    operation: (x, gain, bias) =>
      batchNormalization(x as tf.Tensor4D, gain as tf.Tensor1D, bias as tf.Tensor1D, 1e-3).y,
    composed: (x, ...affine) => scale(normalize(x as tf.Tensor, [0, 1, 2]), ...affine),
  },
  ...([
    { stride: 1, kernel: 3, side: 6 },
    { stride: 2, kernel: 3, side: 7 },
    { stride: 2, kernel: 5, side: 8 },
    { stride: 4, kernel: 4, side: 8 },
    { stride: 2, kernel: 1, side: 5 },
    { stride: 2, kernel: 1, side: 6 },
    { stride: 3, kernel: 1, side: 7 },
    { stride: 1, kernel: 1, side: 3 },
    { stride: 1, kernel: 3, side: 1 },
    { stride: 1, kernel: 3, side: 2 },
    { stride: 1, kernel: 5, side: 3 },
  ].map(({ stride, kernel, side }) => ({
    name: `convolution2d of ${side}×${side} pictures with a ${kernel}×${kernel} kernel, stride ${stride}`,
    shapes: [
      [2, side, side, 3],
      [kernel, kernel, 3, 4],
    ],
    operation: (x: tf.Tensor, weights: tf.Tensor) =>
      convolution2d(x as tf.Tensor4D, weights as tf.Tensor4D, { stride }),
    composed: (x: tf.Tensor, weights: tf.Tensor) =>
      composedConvolution(x as tf.Tensor4D, weights as tf.Tensor4D, stride),
  })) as Case[]),
  ...([
    { stride: 2, kernel: 3, side: 7 },
    { stride: 2, kernel: 3, side: 8 },
    { stride: 2, kernel: 7, side: 9 },
    { stride: 1, kernel: 3, side: 5 },
  ].map(({ stride, kernel, side }) => ({
    name: `convolution2d of ${side}×${side} pictures with a ${kernel}×${kernel} kernel, stride ${stride}, padded evenly`,
    shapes: [
      [2, side, side, 3],
      [kernel, kernel, 3, 4],
    ],
    operation: (x: tf.Tensor, weights: tf.Tensor) =>
      convolution2d(x as tf.Tensor4D, weights as tf.Tensor4D, { stride, padding: 'symmetric' }),
    composed: (x: tf.Tensor, weights: tf.Tensor) =>
      composedConvolution(x as tf.Tensor4D, weights as tf.Tensor4D, stride, (kernel - 1) / 2),
  })) as Case[]),
]

/** A third of all that could be seen, the first key never. */
function hidden(shape: [number, number, number, number]): tf.Tensor4D {
  return tf.tensor4d(
    randomArray(shape, 7).map((value, place) => (place % 5 > 0 && value > 0.4 ? -1e9 : 0)),
    shape,
  )
}

/** Attention of 4 heads within 2 sequences, head by head. */
function composedAttention(x: tf.Tensor2D, hidden: tf.Tensor4D | undefined): tf.Tensor {
  const sequences = tf.reshape<tf.Rank.R3>(x, [2, 5, 24])
  const heads = [0, 1, 2, 3].map(head => {
    const [queries, keys, values] = [0, 8, 16].map(kind => tf.slice3d(sequences, [0, 0, kind + 2 * head], [2, 5, 2]))
    const scores = tf.div(tf.matMul(queries as tf.Tensor, keys as tf.Tensor, false, true), Math.SQRT2)
    const seen = hidden === undefined ? scores : tf.add(scores, tf.squeeze(hidden, [1]))
    const powers = tf.exp(tf.sub(seen, tf.max(seen, -1, true)))
    return tf.matMul(tf.div(powers, tf.sum(powers, -1, true)), values as tf.Tensor)
  })
  return tf.reshape(tf.concat(heads, 2), [10, 8])
}

/** The largest of nine pictures, each the bordered one shifted and every second pixel of it. */
function composedPool(x: tf.Tensor4D): tf.Tensor {
  const places = Math.ceil(x.shape[1] / 2)
  const padded = bordered(x, 1, 5)
  return Array.from({ length: 9 }, (_, shift) => shifted(padded, Math.floor(shift / 3), shift % 3, places, 2)).reduce(
    (most, each) => tf.maximum(most, each),
  )
}

/** Convolution as a sum over the kernel's places of a shifted picture times one matrix. */
function composedConvolution(x: tf.Tensor4D, weights: tf.Tensor4D, stride: number, border?: number): tf.Tensor {
  const [batch, side, , channels] = x.shape
  const [size, , , outputs] = weights.shape
  const places = Math.ceil(side / stride)
  const before = border ?? Math.floor(Math.max((places - 1) * stride + size - side, 0) / 2)
  const padded = bordered(x, before, size + stride)
  const terms: tf.Tensor[] = []
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const seen = shifted(padded, row, column, places, stride)
      const matrix = tf.reshape(tf.slice(weights, [row, column, 0, 0], [1, 1, channels, outputs]), [channels, outputs])
      terms.push(tf.matMul(tf.reshape(seen, [batch * places * places, channels]) as tf.Tensor2D, matrix as tf.Tensor2D))
    }
  }
  return tf.reshape(tf.addN(terms), [batch, places, places, outputs])
}

/** Pictures with zeros around them: above and on the left, below and on the right. */
function bordered(x: tf.Tensor4D, before: number, after: number): tf.Tensor4D {
  return tf.pad4d(x, [
    [0, 0],
    [before, after],
    [before, after],
    [0, 0],
  ])
}

/** `places` × `places` pixels, each `stride` from the next, beginning at (row, column). */
function shifted(x: tf.Tensor4D, row: number, column: number, places: number, stride: number): tf.Tensor {
  const [batch, , , channels] = x.shape
  const side = places * stride
  const part = tf.slice(x, [0, row, column, 0], [batch, side, side, channels])
  const apart = tf.reshape(part, [batch, places, stride, places, stride * channels])
  const first = tf.slice(apart, [0, 0, 0, 0, 0], [batch, places, 1, places, channels])
  return tf.reshape(first, [batch, places, places, channels])
}

interface Answer {
  readonly value: Float32Array
  readonly gradients: Float32Array[]
}

/** The operation's value and the gradients of a weighted sum of it, on the current backend. */
function answer(operation: Operation, inputs: readonly Float32Array[], shapes: readonly number[][]): Answer {
  return tf.tidy(() => {
    const tensors = inputs.map((values, index) => tf.tensor(values, shapes[index] as number[]))
    const weighted = (...given: tf.Tensor[]) => {
      const y = operation(...given)
      return tf.sum(tf.mul(y, tf.tensor(randomArray(y.shape, 99), y.shape)))
    }
    return {
      value: operation(...tensors).dataSync<'float32'>(),
      gradients: tf
        .grads(weighted as (...given: tf.Tensor[]) => tf.Scalar)(tensors)
        .map(each => each.dataSync<'float32'>()),
    }
  })
}

const inputsOf = ({ shapes }: Case) => shapes.map((shape, index) => randomArray(shape, index + 1))

await prepareBackend('cpu')
const wanted = new Map(cases.map(each => [each.name, answer(each.composed, inputsOf(each), each.shapes)]))

for (const backend of usableBackends()) {
  const operations = suite(`operations on ${backend}`)
  // Not in `before`: uvu swallows an error that is thrown there.
  operations.before.each(async () => {
    await prepareBackend(backend)
  })

  for (const each of cases) {
    operations(`${each.name} and its gradients agree with its composition of elementary ones`, () => {
      const { value, gradients } = answer(each.operation, inputsOf(each), each.shapes)
      const { value: wantedValue, gradients: wantedGradients } = wanted.get(each.name) as Answer
      assertClose(value, wantedValue, 2e-6, 'value')
      for (const [index, gradient] of gradients.entries()) {
        assertClose(gradient, wantedGradients[index] as Float32Array, 5e-6, `gradient ${index}`)
      }
    })

    operations(`${each.name} has the gradients that finite differences show`, () => {
      const inputs = inputsOf(each)
      const { gradients } = answer(each.operation, inputs, each.shapes)
      for (const [index, values] of inputs.entries()) {
        const along = randomArray([values.length], 50 + index)
        const step = 1e-3
        const sums = [step, -step].map(distance => {
          const moved = inputs.map((input, other) =>
            other === index ? input.map((value, place) => value + distance * (along[place] as number)) : input,
          )
          return weightedSum(answer(each.operation, moved, each.shapes).value)
        }) as [number, number]
        const slope = (sums[0] - sums[1]) / (2 * step)
        const wantedSlope = (gradients[index] as Float32Array).reduce(
          (sum, g, at) => sum + g * (along[at] as number),
          0,
        )
        assertClose([slope], [wantedSlope], 2e-2, `the slope along a random direction of input ${index}`)
      }
    })

    operations(`${each.name} leaves no tensor behind`, () => {
      const inputs = inputsOf(each)
      answer(each.operation, inputs, each.shapes)
      const before = { tensors: tf.memory().numTensors, buffers: tf.memory().numDataBuffers }
      answer(each.operation, inputs, each.shapes)
      assert.equal({ tensors: tf.memory().numTensors, buffers: tf.memory().numDataBuffers }, before)
    })
  }

  operations("batchNormalization gives the batch's mean and its variance over n - 1", () => {
    tf.tidy(() => {
      const x = tf.tensor2d([1, 10, 2, 10, 3, 10, 6, 10], [4, 2])
      const { mean, variance } = batchNormalization(x, tf.ones([2]), tf.zeros([2]), 1e-5)
      assertClose(mean.dataSync(), [3, 10], 1e-7, 'mean')
      assertClose(variance.dataSync(), [14 / 3, 0], 1e-6, 'variance')
    })
  })

  operations.run()
}

function weightedSum(value: Float32Array): number {
  const weights = randomArray([value.length], 99)
  return value.reduce((sum, each, index) => sum + each * (weights[index] as number), 0)
}
