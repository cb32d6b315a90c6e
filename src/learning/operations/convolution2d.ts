import * as tf from '@tensorflow/tfjs-core'

/**
 * Convolution over height and width, padded with zeros so that an output is as large as its input divided by the
 * stride, rounded up.
 *
 * @param x [batch, height, width, channels]
 * @param kernel [kernel height, kernel width, channels, output channels]
 * @returns [batch, ⌈height / stride⌉, ⌈width / stride⌉, output channels]
 */
export function convolution2d(
  x: tf.Tensor4D,
  kernel: tf.Tensor4D,
  { stride }: { readonly stride: number },
): tf.Tensor4D {
  return tf.conv2d(x, kernel, stride, 'same')
}
