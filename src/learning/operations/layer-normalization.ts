import * as tf from '@tensorflow/tfjs-core'

/**
 * Layer normalisation over the last axis (Ba, Kiros and Hinton 2016).
 *
 * @param x [..., features]
 * @param gain [features]
 * @param bias [features]
 * @param epsilon added to the variance
 * @returns the shape of x
 */
export function layerNormalization<Shape extends tf.Tensor>(
  x: Shape,
  gain: tf.Tensor1D,
  bias: tf.Tensor1D,
  epsilon: number,
): Shape {
  const { mean, variance } = tf.moments(x, -1, true)
  const normalized = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, epsilon)))
  return tf.add(tf.mul(normalized, gain), bias)
}
