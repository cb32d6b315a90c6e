import { createHash } from 'node:crypto'
import * as tf from '@tensorflow/tfjs-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import '../../src/learning/gradients.ts'
import { batchNormalization } from '../../src/learning/operations/batch-normalization.ts'
import { convolution2d } from '../../src/learning/operations/convolution2d.ts'
import { embedding } from '../../src/learning/operations/embedding.ts'
import { layerNormalization } from '../../src/learning/operations/layer-normalization.ts'
import { relu } from '../../src/learning/operations/relu.ts'
import { Random } from '../../src/random/random.ts'
import { randomArray, randomTensor } from '../support/random-tensor.ts'
import { usableBackends } from '../support/usable-backends.ts'

const steps = 20

/** A small dual encoder's weights after some steps of plain gradient descent: their hash, and how many tensors lived. */
function train({ batch, side, width }: { batch: number; side: number; width: number }): {
  hash: string
  tensors: number[]
} {
  const weights = tf.tidy(() => ({
    kernel: tf.variable(randomTensor<tf.Rank.R4>([3, 3, 3, width], 1)),
    deeper: tf.variable(randomTensor<tf.Rank.R4>([3, 3, width, width], 2)),
    gain: tf.variable(tf.ones<tf.Rank.R1>([width])),
    bias: tf.variable(tf.zeros<tf.Rank.R1>([width])),
    table: tf.variable(randomTensor<tf.Rank.R2>([50, width], 3)),
  }))
  const variables = Object.values(weights) as tf.Variable[]
  const pixels = randomArray([batch, side, side, 3], 4)
  const random = new Random(5, 'bench')
  const tokens = Int32Array.from({ length: batch * 8 }, () => random.integer(50))
  const tensors: number[] = []
  for (let step = 0; step < steps; step++) {
    tf.tidy(() => {
      const { grads } = tf.variableGrads(() => {
        const pictures = tf.tensor4d(pixels, [batch, side, side, 3])
        const first = convolution2d(pictures, weights.kernel as tf.Tensor4D, { stride: 1 })
        const normalized = batchNormalization(first, weights.gain as tf.Tensor1D, weights.bias as tf.Tensor1D, 1e-5).y
        const second = relu(convolution2d(relu(normalized), weights.deeper as tf.Tensor4D, { stride: 2 }))
        const words = embedding(weights.table as tf.Tensor2D, tf.tensor2d(tokens, [batch, 8], 'int32'))
        const texts = layerNormalization(words, weights.gain as tf.Tensor1D, weights.bias as tf.Tensor1D, 1e-5)
        const logits = tf.matMul(tf.mean<tf.Tensor2D>(second, [1, 2]), tf.mean<tf.Tensor2D>(texts, 1), false, true)
        return tf.neg(tf.mean(tf.sum(tf.mul(tf.eye(batch), tf.logSoftmax(logits)), 1))) as tf.Scalar
      }, variables)
      for (const variable of variables) {
        variable.assign(tf.sub(variable, tf.mul(grads[variable.name] as tf.Tensor, 0.01)))
      }
    })
    tensors.push(tf.memory().numTensors)
  }
  const hash = createHash('sha256')
  for (const variable of variables) {
    const values = variable.dataSync<'float32'>()
    assert.ok(values.every(Number.isFinite), `the weights of shape ${variable.shape} are finite`)
    hash.update(values)
    variable.dispose()
  }
  return { hash: hash.digest('hex'), tensors }
}

for (const backend of usableBackends()) {
  const determinism = suite(`determinism on ${backend}`)
  // Large enough for TensorFlow to share every operation out among its threads; the cpu backend would take minutes.
  const size = backend === 'tensorflow' ? { batch: 64, side: 16, width: 32 } : { batch: 6, side: 8, width: 8 }

  determinism(`${steps} steps of learning give the same bits twice and leave no tensor behind`, async () => {
    await prepareBackend(backend)
    const before = tf.memory().numTensors
    const first = train(size)
    const second = train(size)
    assert.is(second.hash, first.hash)
    assert.is(new Set(first.tensors).size, 1, `tensors after each step: ${first.tensors}`)
    assert.is(tf.memory().numTensors, before)
  })
  determinism.run()
}
