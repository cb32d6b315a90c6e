import type * as tf from '@tensorflow/tfjs-core'

/**
 * The backend's own product of plain matrices [rows, inner] × [inner, columns], which is quick (XNNPACK). It keeps a
 * packed copy of the right-hand matrix for as long as that tensor lives, so the right-hand tensor's numbers must not be
 * changed in place after its first product.
 */
export type MatrixProduct = (a: tf.TensorInfo, b: tf.TensorInfo) => tf.TensorInfo
