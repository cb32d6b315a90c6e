import * as tf from '@tensorflow/tfjs-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { composedKernels } from '../../src/backends/composed/composed-kernels.ts'
import { type LearningKernels, runLearningKernel } from '../../src/backends/learning-kernels.ts'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import '../../src/learning/gradients.ts'
import { usableBackends } from '../support/usable-backends.ts'

/** A kernel, and what it is given: enough numbers for several threads, and no whole number of the processor's vectors. */
interface Case {
  readonly kernel: keyof typeof composedKernels
  /** What tells it from other cases of the kernel. */
  readonly of?: string
  readonly inputs: () => Record<string, tf.Tensor>
  readonly attributes?: object
}

let seed = 0
const random = (...shape: number[]) => tf.randomNormal(shape, 0, 2, 'float32', ++seed)

/** Hides about every third key, and never the first. */
const maskOf = (shape: number[]) =>
  tf.concat(
    [
      tf.zeros([...shape.slice(0, 3), 1]),
      tf.mul(tf.greater(random(...shape.slice(0, 3), (shape[3] as number) - 1), 1), -1e9),
    ],
    3,
  )

const cases: Case[] = [
  { kernel: 'gelu', inputs: () => ({ x: random(517, 301), bias: random(301) }) },
  ...[
    { length: 65, depth: 32 },
    { length: 91, depth: 13, hidden: [7, 1, 1, 91] },
    { length: 30, depth: 64, hidden: [1, 1, 30, 30] },
    { length: 77, depth: 8, hidden: [7, 1, 77, 77] },
    { length: 300, depth: 21 },
    { length: 1, depth: 4 },
  ].map(({ length, depth, hidden }) => ({
    kernel: 'attention' as const,
    of: ` of ${length} places and heads of ${depth}`,
    inputs: () => ({
      x: random(7 * length, 3 * 5 * depth),
      bias: random(3 * 5 * depth),
      ...(hidden && { hidden: maskOf(hidden) }),
    }),
    attributes: { batch: 7, heads: 5 },
  })),
  {
    kernel: 'layerNormalization',
    inputs: () => ({ x: random(1013, 131), gain: random(131), bias: random(131) }),
    attributes: { epsilon: 1e-3 },
  },
  {
    kernel: 'adamw',
    inputs: () => ({
      gradient: random(200_003 + 6),
      first: random(200_003 + 6),
      second: tf.square(random(200_003 + 6)),
      weights0: random(200_003),
      weights1: random(2, 3),
    }),
    attributes: {
      firstShare: 0.1,
      secondShare: 0.02,
      epsilon: 1e-4,
      rates: [
        { learningRate: 0.01, kept: 0.9 },
        { learningRate: 0.1, kept: 1 },
      ],
    },
  },
]

const test = suite('operations of our own')

/** The outputs that both have in common: what a kernel keeps for its gradient is its own affair. */
function assertAgree(ours: tf.Tensor[], composed: tf.Tensor[], count: number): void {
  for (let index = 0; index < count; index++) {
    const [one, other] = [ours[index], composed[index]] as [tf.Tensor, tf.Tensor]
    assert.equal(one.shape, other.shape)
    const difference = tf.max(tf.abs(tf.sub(one, other))).dataSync()[0] as number
    assert.ok(difference < 2e-5, `output ${index} differs by ${difference}`)
  }
}

const run = (kernel: keyof LearningKernels, inputs: object, attributes: object = {}) =>
  runLearningKernel(
    kernel as 'layerNormalization',
    inputs as Parameters<LearningKernels['layerNormalization']>[0],
    attributes as { epsilon: number },
  )

if (usableBackends().includes('tensorflow')) {
  test.before(async () => {
    const { build } = await prepareBackend('tensorflow')
    assert.match(build.operations ?? '', /^[0-9a-f]{12}$/)
  })

  for (const { kernel, of = '', inputs, attributes } of cases) {
    test(`${kernel}${of} is what its composition of elementary operations gives, and the same bits each time`, () => {
      tf.tidy(() => {
        const given = inputs()
        const ours = run(kernel, given, attributes)
        const compose = composedKernels[kernel] as (inputs: object, attributes?: object) => tf.Tensor | tf.Tensor[]
        const keptForGradient = { gelu: 1, attention: 1, layerNormalization: 2 }[kernel as string] ?? 0
        assertAgree(ours, [compose(given, attributes)].flat(), ours.length - keptForGradient)
        const again = run(kernel, given, attributes)
        for (const [index, output] of again.entries()) assert.equal(output.dataSync(), ours[index]?.dataSync())
      })
    })
  }

  for (const { kernel, of = '', inputs, attributes } of cases.filter(({ kernel }) =>
    /^(gelu|attention)$/.test(kernel),
  )) {
    const gradient = `${kernel}Gradient` as 'geluGradient' | 'attentionGradient'
    test(`the gradients of ${kernel}${of} are what elementary operations give, and the same bits each time`, () => {
      tf.tidy(() => {
        const given = inputs()
        const [y, kept] = run(kernel, given, attributes) as [tf.Tensor, tf.Tensor]
        const compose = composedKernels[kernel] as (inputs: object, attributes?: object) => tf.Tensor[]
        const composeGradient = composedKernels[gradient] as typeof compose
        const dy = tf.mul(random(...y.shape), 0.02)
        const composed = composeGradient({ ...given, dy, kept: compose(given, attributes)[1] }, attributes)
        const ours = run(gradient, { ...given, dy, kept }, attributes)
        assertAgree(ours, composed, 2)
        const again = run(gradient, { ...given, dy, kept }, attributes)
        for (const [index, output] of again.entries()) assert.equal(output.dataSync(), ours[index]?.dataSync())
      })
    })
  }

  test('the gradients of layer normalisation are what elementary operations give', () => {
    tf.tidy(() => {
      const inputs = { x: random(1013, 131), gain: random(131), bias: random(131) }
      const dy = tf.mul(random(1013, 131), 0.01)
      const [, kept, statistics] = run('layerNormalization', inputs, { epsilon: 1e-3 }) as tf.Tensor[]
      const [, normalized, inverse] = composedKernels.layerNormalization(inputs, { epsilon: 1e-3 }) as tf.Tensor[]
      const composed = composedKernels.layerNormalizationGradient({
        dy,
        kept: normalized as tf.Tensor,
        statistics: inverse as tf.Tensor,
        gain: inputs.gain,
      })
      const ours = run('layerNormalizationGradient', { dy, kept, statistics, gain: inputs.gain })
      assertAgree(ours, composed as tf.Tensor[], 3)
    })
  })

  test('the gradient of a maximum under a window goes to the first place that has it', () => {
    tf.tidy(() => {
      const x = tf.tensor4d([-5, -5, -7, -5, -9, -8, -7, -7, -7], [1, 3, 3, 1])
      const gradient = tf.grad(x => tf.maxPool(x as tf.Tensor4D, 2, 1, 'valid'))(
        x,
        tf.tensor4d([1, 2, 4, 8], [1, 2, 2, 1]),
      )
      assert.equal([...gradient.dataSync()], [1, 2, 0, 4, 0, 0, 0, 8, 0])
    })
  })

  test('what is not a number stays none', () => {
    tf.tidy(() => {
      const x = tf.tensor2d([1, Number.NaN, 3, 4], [2, 2])
      const finite = (tensor: tf.Tensor | undefined) => [...(tensor?.dataSync() ?? [])].map(Number.isFinite)
      assert.equal(finite(run('gelu', { x, bias: tf.zeros([2]) })[0]), [true, false, true, true])
      // The second query of two is none; the keys and values of both are numbers.
      const heads = { x: tf.tensor2d([1, 2, 3, Number.NaN, 5, 6], [2, 3]), bias: tf.zeros([3]) }
      assert.equal(finite(run('attention', heads, { batch: 1, heads: 1 })[0]), [true, false])
      const affine = { gain: tf.ones([2]), bias: tf.zeros([2]) }
      assert.equal(finite(run('layerNormalization', { x, ...affine }, { epsilon: 1e-5 })[0]), [
        false,
        false,
        true,
        true,
      ])
    })
  })
}

test.run()
