import * as tf from '@tensorflow/tfjs-core'
import { learningKernelName, runLearningKernel } from '../../backends/learning-kernels.ts'

/** What batch normalisation in training gives. */
export interface BatchNormalization<Shape extends tf.Tensor2D | tf.Tensor4D> {
  /** The normalised, scaled and shifted values; the shape of x. */
  readonly y: Shape
  /** [channels]: the batch's mean. */
  readonly mean: tf.Tensor1D
  /** [channels]: the batch's variance with n - 1 in the denominator, for running statistics. */
  readonly variance: tf.Tensor1D
}

/**
 * Batch normalisation with the batch's own statistics, as in training (Ioffe and Szegedy 2015). Gradients flow through
 * y to x, gain and bias, and not through mean and variance.
 *
 * @param x [batch, channels] or [batch, height, width, channels]
 * @param gain [channels]
 * @param bias [channels]
 * @param epsilon added to the variance
 */
export function batchNormalization<Shape extends tf.Tensor2D | tf.Tensor4D>(
  x: Shape,
  gain: tf.Tensor1D,
  bias: tf.Tensor1D,
  epsilon: number,
): BatchNormalization<Shape> {
  const rows = tf.reshape(x as tf.Tensor, x.rank === 4 ? x.shape : [x.size / gain.size, 1, 1, gain.size])
  const outputs = runLearningKernel('batchNormalization', { x: rows, gain, bias }, { epsilon })
  const [y, mean, variance] = outputs as [tf.Tensor, tf.Tensor1D, tf.Tensor1D]
  return { y: tf.reshape(y, x.shape) as Shape, mean, variance }
}

// The operation has several outputs, which tf.customGrad does not know; so its gradient is registered with the kernel.
tf.registerGradient({
  kernelName: learningKernelName('batchNormalization'),
  inputsToSave: ['x', 'gain'],
  outputsToSave: [false, false, false, true, true, true],
  gradFunc: (slopes, saved, attributes) => {
    const [dy] = slopes as [tf.Tensor]
    const [x, gain, center, spread, extra] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]
    const { epsilon } = attributes as { epsilon: number }
    const inputs = { dy, x, gain, center, spread, extra }
    const gradients = runLearningKernel('batchNormalizationGradient', inputs, { epsilon })
    const [dx, gainGradient, biasGradient] = gradients as [tf.Tensor, tf.Tensor, tf.Tensor]
    return { x: () => dx, gain: () => gainGradient, bias: () => biasGradient }
  },
})
