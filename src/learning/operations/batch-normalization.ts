import * as tf from '@tensorflow/tfjs-core'

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
  const { mean, variance } = tf.moments(x, x.shape.map((_, axis) => axis).slice(0, -1))
  const y = tf.batchNorm(x as tf.Tensor, mean as tf.Tensor1D, variance as tf.Tensor1D, bias, gain, epsilon) as Shape
  const count = x.size / gain.size
  return { y, mean: mean as tf.Tensor1D, variance: tf.mul(variance as tf.Tensor1D, count / Math.max(count - 1, 1)) }
}
