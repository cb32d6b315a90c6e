import * as tf from '@tensorflow/tfjs-core'

/** One over the square root of 2π: the height of the standard normal density. */
const densityHeight = 1 / Math.sqrt(2 * Math.PI)

/** t·Φ(t) of t = x + bias, and Φ(t) for the gradient. */
export function gelu({ x, bias }: Readonly<Record<'x' | 'bias', tf.Tensor>>): tf.TensorInfo[] {
  return tf.tidy(() => {
    const biased = tf.add(x, bias)
    const cumulative = tf.mul(tf.add(tf.erf(tf.mul(biased, Math.SQRT1_2)), 1), 0.5)
    return [tf.mul(biased, cumulative), cumulative]
  })
}

/** The gradients of x and of the bias. */
export function geluGradient({
  dy,
  x,
  bias,
  kept: cumulative,
}: Readonly<Record<'dy' | 'x' | 'bias' | 'kept', tf.Tensor>>): tf.TensorInfo[] {
  return tf.tidy(() => {
    const biased = tf.add(x, bias)
    const density = tf.mul(tf.exp(tf.mul(tf.square(biased), -0.5)), densityHeight)
    const dx = tf.mul(dy, tf.add(cumulative, tf.mul(biased, density)))
    return [dx, tf.sum(dx, 0)]
  })
}
