import * as tf from '@tensorflow/tfjs-core'
import { runLearningKernel } from '../../backends/learning-kernels.ts'

/**
 * Looks rows of a table up. The gradient is summed row by row in the order of the indices.
 *
 * @param table [rows, features]
 * @param indices int32 of any shape, each from 0 to rows - 1
 * @returns [...the shape of indices, features]
 */
export function embedding(table: tf.Tensor2D, indices: tf.Tensor): tf.Tensor {
  const [rows, features] = table.shape
  const operation = tf.customGrad((input, save) => {
    const flat = tf.reshape(indices, [indices.size])
    ;(save as tf.GradSaveFunc)([flat])
    return {
      value: tf.gather(input as tf.Tensor2D, flat),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        runLearningKernel('embeddingGradient', { dy, indices: saved[0] as tf.Tensor }, { rows }),
    }
  })
  return tf.reshape(operation(table), [...indices.shape, features])
}
