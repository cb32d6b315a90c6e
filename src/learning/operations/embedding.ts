import * as tf from '@tensorflow/tfjs-core'

/**
 * Looks rows of a table up.
 *
 * @param table [rows, features]
 * @param indices int32 of any shape, each from 0 to rows - 1
 * @returns [...the shape of indices, features]
 */
export function embedding(table: tf.Tensor2D, indices: tf.Tensor): tf.Tensor {
  return tf.gather(table, indices)
}
