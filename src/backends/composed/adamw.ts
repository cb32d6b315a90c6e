import * as tf from '@tensorflow/tfjs-core'
import type { AdamwAttributes, AdamwInputs } from '../learning-kernels.ts'

/** An update of AdamW: the new moments, then the new parameters. */
export function adamw(
  { gradient, first, second, ...weights }: AdamwInputs,
  { firstShare, secondShare, epsilon, rates }: AdamwAttributes,
): tf.TensorInfo[] {
  return tf.tidy(() => {
    const newFirst = tf.add(first, tf.mul(tf.sub(gradient, first), firstShare))
    const newSecond = tf.add(second, tf.mul(tf.sub(tf.square(gradient), second), secondShare))
    const direction = tf.div(newFirst, tf.add(tf.sqrt(newSecond), epsilon))
    const parameters = rates.map((_, index) => weights[`weights${index}`] as tf.Tensor)
    const pieces = tf.split(
      direction,
      parameters.map(({ size }) => size),
    )
    const moved = parameters.map((parameter, index) => {
      const { learningRate, kept } = rates[index] as AdamwAttributes['rates'][number]
      const piece = tf.mul(tf.reshape(pieces[index] as tf.Tensor, parameter.shape), learningRate)
      return tf.sub(kept === 1 ? parameter : tf.mul(parameter, kept), piece)
    })
    return [newFirst, newSecond, ...moved]
  })
}
