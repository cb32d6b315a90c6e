import * as tf from '@tensorflow/tfjs-core'

/** The forward pass over rows of x: y, the rows before gain and bias, and one over each row's standard deviation. */
export function layerNormalization(
  { x, gain, bias }: Record<'x' | 'gain' | 'bias', tf.Tensor>,
  epsilon: number,
): tf.TensorInfo[] {
  return tf.tidy(() => {
    const centered = tf.sub(x, tf.mean(x, 1, true))
    const inverseDeviation = tf.rsqrt(tf.add(tf.mean(tf.square(centered), 1, true), epsilon))
    const normalized = tf.mul(centered, inverseDeviation)
    return [tf.add(tf.mul(normalized, gain), bias), normalized, inverseDeviation]
  })
}

/** The gradients with respect to x, gain and bias. */
export function layerNormalizationGradient(
  inputs: Record<'dy' | 'kept' | 'statistics' | 'gain', tf.Tensor>,
): tf.TensorInfo[] {
  return tf.tidy(() => {
    const { dy, kept: normalized, statistics: inverseDeviation, gain } = inputs
    const slope = tf.mul(dy, gain)
    const alongNormalized = tf.mul(normalized, tf.mean(tf.mul(slope, normalized), 1, true))
    const dx = tf.mul(tf.sub(tf.sub(slope, tf.mean(slope, 1, true)), alongNormalized), inverseDeviation)
    return [dx, tf.sum(tf.mul(dy, normalized), 0), tf.sum(dy, 0)]
  })
}
