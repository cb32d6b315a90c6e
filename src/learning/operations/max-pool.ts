import * as tf from '@tensorflow/tfjs-core'

/**
 * The largest number under a 3×3 window that moves by 2, with one pixel around the picture: how ResNets halve what
 * their stem gives.
 *
 * @param x [batch, height, width, channels], nothing below 0, as after relu: the border is filled with zeros
 * @returns [batch, ⌈height / 2⌉, ⌈width / 2⌉, channels]
 */
export function maxPool(x: tf.Tensor4D): tf.Tensor4D {
  const bordered = tf.pad4d(x, [
    [0, 0],
    [1, 1],
    [1, 1],
    [0, 0],
  ])
  return tf.maxPool(bordered, 3, 2, 'valid')
}
