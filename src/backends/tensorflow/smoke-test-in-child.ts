/** The process that `smokeTest` starts: it loads the setup in the folder named, computes, and sends what came of it. */

// Registers the gradients of TensorFlow.js's own operations, which the core package comes without on Node.
import '@tensorflow/tfjs-layers'
import * as tf from '@tensorflow/tfjs-core'
import { describeError } from '../../errors/chronograd-error.ts'
import { BackendUnavailableError } from '../backend.ts'
import { runLearningKernel } from '../learning-kernels.ts'
import { readInstallation } from './installation.ts'
import { prepareTensorflow } from './prepare-tensorflow.ts'
import type { SmokeTestResult } from './smoke-test.ts'

/** What is computed, and what comes out; the loss and its gradients were computed with PyTorch as well. */
const known: Readonly<Record<string, readonly number[]>> = {
  loss: [3.2485873],
  'gradient of a convolution': [
    -1.4868114, -1.5769211, 0.3153842, 3.5743546, 0.6758233, 4.4153792, -1.3065918, -0.5256404,
  ],
  'gradient of a matrix product': [-1.7571407, 1.7571407, -2.5155647, 2.5155647],
  'gradient of relu': [0, 2, 3],
  'gradient of an embedding': [2, 0, 4],
  'normalised batch': [-1, 1],
  gelu: [-0.1586553, 0, 1.9545],
  attention: [1.7310586, 1.5],
}

function computed(): Record<string, tf.Tensor> {
  const picture = tf.tensor4d([3, -1, 4, 1, -5, 9, 2, -6, 5, 3, -5, 8, 9, -7, 9, 3], [1, 4, 4, 1])
  const filter = tf.tensor4d([0.25, -0.5, 0.125, 0.375, -0.25, 0.5, 0.625, -0.125], [2, 2, 1, 2])
  const weights = tf.tensor2d([0.5, -0.25, -0.75, 1], [2, 2])
  const loss = (filter: tf.Tensor, weights: tf.Tensor) => {
    const features = tf.mean(tf.relu(tf.conv2d(picture, filter as tf.Tensor4D, 1, 'same')), [1, 2]) as tf.Tensor2D
    const scores = tf.logSoftmax(tf.matMul(features, weights as tf.Tensor2D))
    return tf.neg(tf.sum(tf.slice(scores, [0, 0], [1, 1]))) as tf.Scalar
  }
  const { value, grads } = tf.valueAndGrads(loss)([filter, weights])
  const column = tf.tensor4d([1, 3], [2, 1, 1, 1])
  const normalization = { x: column, gain: tf.ones([1]), bias: tf.zeros([1]) }
  return {
    loss: value,
    'gradient of a convolution': grads[0] as tf.Tensor,
    'gradient of a matrix product': grads[1] as tf.Tensor,
    'gradient of relu': runLearningKernel('reluGradient', { dy: tf.tensor1d([1, 2, 3]), y: tf.tensor1d([0, 2, 5]) }),
    'gradient of an embedding': runLearningKernel(
      'embeddingGradient',
      { dy: tf.tensor2d([1, 2, 3], [3, 1]), indices: tf.tensor1d([2, 0, 2], 'int32') },
      { rows: 3 },
    ),
    'normalised batch': runLearningKernel('batchNormalization', normalization, { epsilon: 1e-7 })[0] as tf.Tensor,
    gelu: runLearningKernel('gelu', { x: tf.tensor2d([-1, 0, 2], [1, 3]), bias: tf.zeros([3]) })[0] as tf.Tensor,
    attention: runLearningKernel(
      'attention',
      { x: tf.tensor2d([1, 0, 1, 0, 1, 2], [2, 3]), bias: tf.tensor1d([0, 0, 0]) },
      { batch: 1, heads: 1 },
    )[0] as tf.Tensor,
  }
}

/** One sentence on the first number that is wrong; undefined where all are right. */
function findFault(tolerance: number): string | undefined {
  const all = computed()
  for (const [name, numbers] of Object.entries(known)) {
    const found = Array.from(all[name]?.dataSync() ?? [])
    const right =
      found.length === numbers.length &&
      found.every((value, i) => Math.abs(value - (numbers[i] ?? Number.NaN)) <= tolerance)
    if (!right) return `the ${name} comes out as ${found.join(', ')} instead of ${numbers.join(', ')}`
  }
  return undefined
}

async function examine(folder: string): Promise<SmokeTestResult> {
  const installation = readInstallation(folder)
  if (installation === undefined) return { problem: `there is no finished setup in ${folder}` }
  try {
    const { threads, build } = await prepareTensorflow(undefined, installation)
    // GPUs multiply with ten bits after the point unless told otherwise.
    const problem = findFault(installation.manifest.gpu ? 1e-2 : 1e-5)
    return problem === undefined ? { threads, build } : { problem }
  } catch (error) {
    // That it does not load is told with advice for a setup that is in place.
    const reason = error instanceof BackendUnavailableError ? (error.cause ?? error) : error
    return { problem: describeError(reason).split('\n')[0] ?? '' }
  }
}

process.send?.(await examine(process.argv[2] ?? ''))
process.disconnect?.()
