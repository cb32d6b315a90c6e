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
  readonly inputs: () => Record<string, tf.Tensor>
  readonly attributes?: object
}

let seed = 0
const random = (...shape: number[]) => tf.randomNormal(shape, 0, 2, 'float32', ++seed)

const cases: Case[] = [
  { kernel: 'gelu', inputs: () => ({ x: random(517, 301) }) },
  { kernel: 'softmax', inputs: () => ({ x: random(3, 5, 211, 67) }), attributes: { scale: 0.7 } },
  {
    kernel: 'softmaxGradient',
    inputs: () => ({ dy: random(3, 5, 211, 67), y: tf.softmax(random(3, 5, 211, 67)) }),
    attributes: { scale: 0.7 },
  },
  { kernel: 'splitHeads', inputs: () => ({ x: random(7 * 91, 3 * 5 * 13) }), attributes: { batch: 7, heads: 5 } },
  {
    kernel: 'mergeHeads',
    inputs: () => ({ queries: random(7, 5, 91, 13), keys: random(7, 5, 91, 13), values: random(7, 5, 91, 13) }),
  },
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
  [runLearningKernel(kernel as 'softmax', inputs as { x: tf.Tensor }, attributes as { scale: number })].flat()

if (usableBackends().includes('tensorflow')) {
  test.before(async () => {
    const { build } = await prepareBackend('tensorflow')
    assert.match(build.operations ?? '', /^[0-9a-f]{12}$/)
  })

  for (const { kernel, inputs, attributes } of cases) {
    test(`${kernel} is what its composition of elementary operations gives, and the same bits each time`, () => {
      tf.tidy(() => {
        const given = inputs()
        const ours = run(kernel, given, attributes)
        const compose = composedKernels[kernel] as (inputs: object, attributes?: object) => tf.Tensor | tf.Tensor[]
        const keptForGradient = kernel === 'gelu' ? 1 : kernel === 'layerNormalization' ? 2 : 0
        assertAgree(ours, [compose(given, attributes)].flat(), ours.length - keptForGradient)
        const again = run(kernel, given, attributes)
        for (const [index, output] of again.entries()) assert.equal(output.dataSync(), ours[index]?.dataSync())
      })
    })
  }

  test('the gradient of gelu is what elementary operations give', () => {
    tf.tidy(() => {
      const [x, dy] = [random(517, 301), random(517, 301)]
      const [, kept] = run('gelu', { x }) as [tf.Tensor, tf.Tensor]
      const [, cumulative] = composedKernels.gelu({ x }) as [tf.Tensor, tf.Tensor]
      const composed = composedKernels.geluGradient({ dy, x, kept: cumulative }) as tf.Tensor
      assertAgree(run('geluGradient', { dy, x, kept }), [composed], 1)
    })
  })

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
      assert.equal(finite(run('gelu', { x })[0]), [true, false, true, true])
      assert.equal(finite(run('softmax', { x }, { scale: 1 })[0]), [false, false, true, true])
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
