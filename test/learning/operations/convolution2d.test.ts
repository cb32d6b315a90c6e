import * as tf from '@tensorflow/tfjs-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../../src/backends/prepare-backend.ts'
import '../../../src/learning/gradients.ts'
import { convolution2d } from '../../../src/learning/operations/convolution2d.ts'
import { assertClose } from '../../support/close.ts'
import { randomTensor } from '../../support/random-tensor.ts'
import { usableBackends } from '../../support/usable-backends.ts'

const [batch, inputs, outputs] = [6, 4, 8]

/** Both gradients of a 1×1 convolution, by its definition. */
function gradientsByDefinition(x: tf.Tensor4D, kernel: tf.Tensor4D, dy: tf.Tensor4D, stride: number) {
  const [, side] = x.shape
  const [, outSide] = dy.shape
  const [xs, weights, dys] = [x.dataSync(), kernel.dataSync(), dy.dataSync()]
  const dx = new Float64Array(xs.length)
  const dWeights = new Float64Array(weights.length)
  for (let picture = 0; picture < batch; picture++) {
    for (let row = 0; row < outSide; row++) {
      for (let column = 0; column < outSide; column++) {
        const from = ((picture * side + row * stride) * side + column * stride) * inputs
        const to = ((picture * outSide + row) * outSide + column) * outputs
        for (let input = 0; input < inputs; input++) {
          for (let output = 0; output < outputs; output++) {
            const weight = input * outputs + output
            dx[from + input] = (dx[from + input] ?? 0) + (weights[weight] ?? 0) * (dys[to + output] ?? 0)
            dWeights[weight] = (dWeights[weight] ?? 0) + (xs[from + input] ?? 0) * (dys[to + output] ?? 0)
          }
        }
      }
    }
  }
  return { dx, dWeights }
}

for (const backend of usableBackends()) {
  const test = suite(`1×1 convolutions with a stride on ${backend}`)

  test.before(async () => {
    await prepareBackend(backend)
  })

  for (const [side, stride] of [
    [8, 2],
    [7, 2],
    [8, 3],
  ] as const) {
    test(`have the gradients of the definition, with the same bits every time (side ${side}, stride ${stride})`, () => {
      const outSide = Math.ceil(side / stride)
      const x = randomTensor<tf.Rank.R4>([batch, side, side, inputs], 1)
      const kernel = randomTensor<tf.Rank.R4>([1, 1, inputs, outputs], 2)
      const dy = randomTensor<tf.Rank.R4>([batch, outSide, outSide, outputs], 3)
      const wanted = gradientsByDefinition(x, kernel, dy, stride)
      const gradients = tf.grads((...given: tf.Tensor[]) =>
        convolution2d(given[0] as tf.Tensor4D, given[1] as tf.Tensor4D, { stride }),
      )
      let first: Float32Array | undefined
      for (let time = 0; time < 40; time++) {
        tf.tidy(() => {
          const [dx, dKernel] = gradients([x, kernel], dy)
          const values = dKernel?.dataSync<'float32'>() ?? new Float32Array()
          first ??= values.slice()
          assert.equal(values, first, `time ${time}`)
          if (time > 0) return
          assertClose(dx?.dataSync() ?? [], wanted.dx, 1e-5, 'dx')
          assertClose(values, wanted.dWeights, 1e-5, 'dKernel')
        })
      }
      tf.dispose([x, kernel, dy])
    })
  }

  test.run()
}
