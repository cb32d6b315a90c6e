import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { runLearningKernel } from '../../src/backends/learning-kernels.ts'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import '../../src/learning/gradients.ts'
import { attention } from '../../src/learning/operations/attention.ts'
import { batchNormalization } from '../../src/learning/operations/batch-normalization.ts'
import { gelu } from '../../src/learning/operations/gelu.ts'
import { layerNormalization } from '../../src/learning/operations/layer-normalization.ts'
import { relu } from '../../src/learning/operations/relu.ts'
import { agrees } from '../support/agrees.ts'
import { randomArray, randomTensor } from '../support/random-tensor.ts'

type Sides = [number, number, number, number]

const shapes = suite('kernels of the wasm backend, on shapes of any kind')

const side = (max: number) => fc.integer({ min: 1, max })

/** Asserts that something computed for any of the inputs is the same on wasm as on the cpu backend. */
function agreesForAll<Input>(
  inputs: fc.Arbitrary<Input>,
  compute: (input: Input) => tf.Tensor[],
  { tolerance = 2e-5, numRuns = 40 }: { tolerance?: number; numRuns?: number } = {},
): () => Promise<void> {
  return async () =>
    await fc.assert(
      fc.asyncProperty(inputs, async input => await agrees(() => compute(input), tolerance)),
      { numRuns },
    )
}

/** Gradients of a random weighting of what an operation gives, after its result. */
function withGradients(operation: (...inputs: tf.Tensor[]) => tf.Tensor, ...inputs: tf.Tensor[]): tf.Tensor[] {
  const y = operation(...inputs)
  const dy = tf.tensor(randomArray(y.shape, 9), y.shape)
  return [y, ...tf.grads((...each: tf.Tensor[]) => tf.sum(tf.mul(operation(...each), dy)))(inputs)]
}

shapes(
  'matMul, either side transposed or not, of batches and with one matrix for all of a batch',
  agreesForAll(
    fc.record({
      rows: side(80),
      inner: fc.oneof(fc.integer({ min: 0, max: 70 }), fc.constantFrom(256, 257, 600)),
      columns: fc.oneof(side(40), fc.constantFrom(513)),
      batches: fc.constantFrom<[number[], number[]]>(
        [[], []],
        [[3], [3]],
        [
          [2, 2],
          [2, 2],
        ],
        [[3], [1]],
        [[1], [2]],
      ),
      transposeA: fc.boolean(),
      transposeB: fc.boolean(),
    }),
    ({ rows, inner, columns, batches: [batchA, batchB], transposeA, transposeB }) => {
      const a = randomTensor([...batchA, ...(transposeA ? [inner, rows] : [rows, inner])] as Sides, 1)
      const b = randomTensor([...batchB, ...(transposeB ? [columns, inner] : [inner, columns])] as Sides, 2)
      return [tf.matMul(a, b, transposeA, transposeB)]
    },
  ),
)

shapes(
  'conv2d and its gradients',
  agreesForAll(
    fc.record({
      batch: side(4),
      height: fc.integer({ min: 5, max: 24 }),
      width: fc.integer({ min: 5, max: 24 }),
      channels: side(9),
      outputs: side(10),
      kernel: fc.tuple(side(5), side(5)),
      strides: fc.tuple(side(3), side(3)),
      pad: fc.constantFrom('same' as const, 'valid' as const, 1, 3),
    }),
    ({ batch, height, width, channels, outputs, kernel, strides, pad }) =>
      withGradients(
        (x, filter) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, pad),
        randomTensor<tf.Rank.R4>([batch, height, width, channels], 1),
        randomTensor<tf.Rank.R4>([...kernel, channels, outputs], 2),
      ),
  ),
)

/** Numbers of which it takes some care to find the variance: far from 0 beside what they differ by. */
const far = (x: tf.Tensor, distance: number) => tf.add(x, tf.linspace(-distance, distance, x.shape.at(-1) ?? 1))

shapes(
  'batch normalisation and its gradients, also where the mean is large beside the deviation',
  agreesForAll(
    fc.record({ batch: side(40), height: side(9), fours: side(6), distance: fc.constantFrom(0, 100) }),
    ({ batch, height, fours, distance }) => {
      const [channels, pixels] = [4 * fours, [batch + 1, height, 3] as const]
      return withGradients(
        (x, gain, bias) => batchNormalization(x as tf.Tensor4D, gain as tf.Tensor1D, bias as tf.Tensor1D, 1e-3).y,
        far(randomTensor<tf.Rank.R4>([...pixels, channels], 1), distance),
        randomTensor<tf.Rank.R1>([channels], 2),
        randomTensor<tf.Rank.R1>([channels], 3),
      )
    },
    // A number near 100 has lost two digits before it is normalised.
    { tolerance: 1e-3 },
  ),
)

shapes(
  'layer normalisation and its gradients',
  agreesForAll(fc.record({ rows: side(70), fours: side(20) }), ({ rows, fours }) =>
    withGradients(
      (x, gain, bias) => layerNormalization(x as tf.Tensor, gain as tf.Tensor1D, bias as tf.Tensor1D, 1e-3),
      randomTensor<tf.Rank.R2>([rows, 4 * fours], 1),
      randomTensor<tf.Rank.R1>([4 * fours], 2),
      randomTensor<tf.Rank.R1>([4 * fours], 3),
    ),
  ),
)

shapes(
  'sums and means along any axes',
  agreesForAll(
    fc.record({
      sides: fc.array(side(9), { minLength: 1, maxLength: 4 }),
      chosen: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
      fours: fc.boolean(),
      keepDims: fc.boolean(),
    }),
    ({ sides, chosen, fours, keepDims }) => {
      const shape = fours ? [...sides.slice(0, 3), 8] : sides
      const axes = shape.map((_, axis) => axis).filter(axis => chosen[axis])
      const x = tf.tensor(randomArray(shape, 1), shape)
      return [tf.sum(x, axes, keepDims), tf.mean(x, axes, keepDims), tf.sum(x)]
    },
  ),
)

shapes('a sum of millions of numbers keeps its digits', async () => {
  await prepareBackend('wasm')
  const count = 3_000_001
  const sum = tf.tidy(() => tf.sum(tf.fill([count], 0.1)).dataSync()[0] as number)
  const wanted = count * (Float32Array.of(0.1)[0] as number)
  assert.ok(Math.abs(sum / wanted - 1) < 1e-7, `${sum} is not ${wanted}`)
})

shapes(
  'slices and splits',
  agreesForAll(
    fc.array(fc.tuple(side(6), fc.double({ min: 0, max: 0.99, noNaN: true }), fc.boolean()), {
      minLength: 1,
      maxLength: 4,
    }),
    axes => {
      const shape = axes.map(([length]) => length)
      const x = tf.tensor(randomArray(shape, 1), shape)
      const begin = axes.map(([length, share, whole]) => (whole ? 0 : Math.floor(length * share)))
      const size = axes.map(([length, , whole], axis) =>
        whole ? length : Math.ceil((length - (begin[axis] ?? 0)) / 2),
      )
      const along = axes.length - 1
      const sizes = [(shape[along] ?? 1) - (begin[along] ?? 0), begin[along] ?? 0]
      return [tf.slice(x, begin, size), ...tf.split(x, sizes, along), ...tf.split(x, shape[0] ?? 1, 0)]
    },
  ),
)

shapes(
  'every second or third pixel, reversed axes, rows by their numbers',
  agreesForAll(
    fc.record({ sides: fc.tuple(side(3), side(9), side(9), side(5)), strides: fc.tuple(side(3), side(3)) }),
    ({ sides, strides }) => {
      const x = randomTensor<tf.Rank.R4>(sides, 1)
      const rows = tf.tensor2d([0, sides[0] - 1, 0, 0], [2, 2], 'int32')
      return [
        tf.stridedSlice(x, [0, 0, 0, 0], sides, [1, ...strides, 1]),
        tf.stridedSlice(x, [0, 1, 0, 0], sides, [1, ...strides, 1]),
        tf.reverse(x, [0, 1]),
        tf.reverse(x, [1]),
        tf.reverse(x),
        tf.gather(x, rows),
      ]
    },
  ),
)

shapes(
  'exp, gelu and the gradients of relu and gelu',
  agreesForAll(side(70), count => {
    const x = tf.mul(tf.tensor1d(randomArray([count], 1)), 3)
    const [row, bias] = [tf.reshape<tf.Rank.R2>(x, [1, count]), tf.tensor1d(randomArray([count], 2))]
    return [
      tf.exp(x),
      ...withGradients(each => relu(each), x),
      ...withGradients(each => gelu(each as tf.Tensor2D, bias), row),
    ]
  }),
)

const sequences = fc.record({ batch: side(3), length: side(19), heads: side(4), depth: side(20) })
type Sequences = typeof sequences extends fc.Arbitrary<infer Value> ? Value : never

/** What attention is given: queries, keys and values beside each other, and their bias. */
function attentionInputs({ batch, length, heads, depth }: Sequences): [tf.Tensor2D, tf.Tensor1D] {
  const width = 3 * heads * depth
  return [tf.mul(randomTensor<tf.Rank.R2>([batch * length, width], 1), 2), randomTensor<tf.Rank.R1>([width], 2)]
}

shapes(
  'attention and its gradients, of sequences of any length, with and without what is hidden',
  agreesForAll(fc.tuple(sequences, fc.boolean()), ([sides, isMasked]) => {
    const { batch, heads, length } = sides
    const later = tf.sub(1, tf.linalg.bandPart(tf.ones([length, length]), -1, 0))
    const hidden = isMasked ? tf.reshape<tf.Rank.R4>(tf.mul(later, -1e9), [1, 1, length, length]) : undefined
    const attend = (x: tf.Tensor, bias: tf.Tensor) =>
      attention(x as tf.Tensor2D, bias as tf.Tensor1D, { batch, heads, hidden })
    return withGradients(attend, ...attentionInputs(sides))
  }),
)

shapes("attention's gradient is the slope between neighbouring numbers", async () => {
  await prepareBackend('wasm')
  await fc.assert(
    fc.asyncProperty(sequences, async sides => {
      tf.tidy(() => {
        const [x, bias] = attentionInputs(sides)
        const towards = randomTensor<tf.Rank.R2>(x.shape, 3)
        const attend = (each: tf.Tensor) => attention(each as tf.Tensor2D, bias, sides)
        const weights = randomTensor(attend(x).shape as [number, number], 4)
        const value = (each: tf.Tensor) => tf.mean(tf.mul(attend(each), weights))
        const number = (tensor: tf.Tensor) => tensor.dataSync()[0] as number
        const step = 1e-2
        const ahead = number(value(tf.add(x, tf.mul(towards, step))))
        const behind = number(value(tf.sub(x, tf.mul(towards, step))))
        const slope = number(tf.sum(tf.mul(tf.grad(value)(x), towards)))
        const wanted = (ahead - behind) / (2 * step)
        assert.ok(Math.abs(slope - wanted) < 4e-3 * Math.max(1, Math.abs(wanted)), `${slope} is not ${wanted}`)
      })
    }),
    { numRuns: 40 },
  )
})

shapes('attention leaves nothing to what is hidden, and what is not a number is not hidden', async () => {
  await prepareBackend('wasm')
  const [gathered, spoilt] = tf.tidy(() => {
    const hidden = tf.tensor4d([0, -1e9, 0], [1, 1, 1, 3])
    const attend = (values: number[]) => {
      const x = tf.tensor2d(
        values.flatMap(value => [0, 0, value]),
        [3, 3],
      )
      return [...attention(x, tf.zeros([3]), { batch: 1, heads: 1, hidden }).dataSync()]
    }
    return [attend([1, 100, 3]), attend([1, 2, Number.NaN])]
  })
  assert.equal(gathered, [2, 2, 2])
  assert.ok(spoilt?.every(Number.isNaN))
})

shapes(
  'an update of AdamW, of parameters of any sizes',
  agreesForAll(fc.array(fc.tuple(side(9), side(9), fc.boolean()), { minLength: 1, maxLength: 5 }), parameters => {
    const size = parameters.reduce((sum, [rows, columns]) => sum + rows * columns, 0)
    const vector = (seed: number) => randomTensor<tf.Rank.R1>([size], seed)
    const weights = parameters.map(([rows, columns], index) => [
      `weights${index}`,
      randomTensor<tf.Rank.R2>([rows, columns], 4 + index),
    ])
    return runLearningKernel(
      'adamw',
      { gradient: vector(1), first: vector(2), second: tf.square(vector(3)), ...Object.fromEntries(weights) },
      {
        firstShare: 0.1,
        secondShare: 0.02,
        epsilon: 1e-3,
        rates: parameters.map(([, , decays]) => ({ learningRate: 0.01, kept: decays ? 0.9 : 1 })),
      },
    )
  }),
)

shapes('exp at the ends of what there is', async () => {
  await prepareBackend('wasm')
  const ends = [Infinity, -Infinity, -100, 88, 0, Number.NaN]
  const [infinite, none, subnormal, large, one, nan] = tf.tidy(() => [...tf.exp(tf.tensor1d(ends)).dataSync()])
  assert.is(infinite, Infinity)
  assert.is(none, 0)
  assert.ok(Math.abs((subnormal ?? 0) - Math.exp(-100)) < 2e-45)
  assert.ok(Math.abs((large ?? 0) / Math.exp(88) - 1) < 1e-6)
  assert.is(one, 1)
  assert.ok(Number.isNaN(nan))
})

shapes('a copy that shares its numbers outlives what it is a copy of', async () => {
  await prepareBackend('wasm')
  const x = tf.tensor1d([1, 2, 3])
  const copy = tf.clone(x)
  x.dispose()
  tf.tensor1d([7, 7, 7]).dispose()
  assert.equal([...copy.dataSync()], [1, 2, 3])
  copy.dispose()
})

shapes('rows that a table does not have are refused', async () => {
  await prepareBackend('wasm')
  assert.throws(() => tf.tidy(() => tf.gather(tf.zeros([3, 2]), tf.tensor1d([3], 'int32'))), /no row 3 .* 3 rows/)
})

shapes.run()
