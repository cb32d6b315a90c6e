import * as tf from '@tensorflow/tfjs-core'
import type { RightAnswers } from './right-answers.ts'

/**
 * The pairwise loss of SigLIP (Zhai et al. 2023): each pair of a picture and a text is a question of its own, answered by
 * the sigmoid of its logit. No pair competes with another, so several right answers need no sharing out.
 *
 * @param logits [batch, batch], pictures by texts, bias included
 * @returns a scalar in nats: the sum of all pairs' binary cross-entropies, over the batch size
 */
export function sigmoidLoss(logits: tf.Tensor2D, { size, matrix }: RightAnswers): tf.Scalar {
  return tf.tidy(() => {
    const right = tf.tensor2d(Float32Array.from(matrix), [size, size])
    const operation = tf.customGrad((x, save) => {
      // ln(1 + exp(x)) - right·x, in a form that neither overflows nor loses what is small.
      const softplus = tf.add(tf.relu(x as tf.Tensor), tf.log1p(tf.exp(tf.neg(tf.abs(x as tf.Tensor)))))
      const value = tf.mul(tf.sum(tf.sub(softplus, tf.mul(right, x as tf.Tensor))), 1 / size)
      const gradient = tf.mul(tf.sub(tf.sigmoid(x as tf.Tensor), right), 1 / size)
      ;(save as tf.GradSaveFunc)([gradient])
      return { value, gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(dy, saved[0] as tf.Tensor) }
    })
    return operation(logits) as tf.Scalar
  })
}
