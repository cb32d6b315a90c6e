import * as tf from '@tensorflow/tfjs-core'

/** The length of all gradients taken as one vector (the "global norm"), as a scalar tensor. */
export function globalNorm(gradients: tf.Tensor1D): tf.Scalar {
  return tf.tidy(() => tf.sqrt(tf.sum(tf.square(gradients))) as tf.Scalar)
}

/**
 * What gradients of this norm are multiplied by so that their norm is at most `clipNorm` (Pascanu et al. 2013): 1 for
 * gradients that are short enough.
 */
export function clippingFactor(norm: number, clipNorm: number): number {
  return norm > clipNorm ? clipNorm / norm : 1
}
