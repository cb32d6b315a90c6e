import * as tf from '@tensorflow/tfjs-core'

/** One over the square root of 2π: the height of the standard normal density. */
const densityHeight = 1 / Math.sqrt(2 * Math.PI)

/** x·Φ(x), and Φ(x) for the gradient. */
export function gelu({ x }: { readonly x: tf.Tensor }): tf.TensorInfo[] {
  return tf.tidy(() => {
    const cumulative = tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5)
    return [tf.mul(x, cumulative), cumulative]
  })
}

export function geluGradient({ dy, x, kept }: Readonly<Record<'dy' | 'x' | 'kept', tf.Tensor>>): tf.TensorInfo {
  return tf.tidy(() => {
    const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), densityHeight)
    return tf.mul(dy, tf.add(kept, tf.mul(x, density)))
  })
}
