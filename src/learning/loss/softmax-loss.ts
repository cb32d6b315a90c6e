import * as tf from '@tensorflow/tfjs-core'
import type { RightAnswers } from './right-answers.ts'

/**
 * The symmetric contrastive loss of CLIP (Radford et al. 2021), where several samples may be right answers to an anchor,
 * as in supervised contrastive learning (Khosla et al. 2020): the wanted distribution is spread evenly over them.
 * Cross-entropy of picture to text and of text to picture, averaged.
 *
 * @param logits [batch, batch], pictures by texts
 * @param options `labelSmoothing`: the share of every wanted distribution that is spread over the whole batch (Szegedy
 *   et al. 2016)
 * @returns a scalar in nats: ln(batch) where features say nothing and every sample is its own right answer only
 */
export function softmaxLoss(
  logits: tf.Tensor2D,
  answers: RightAnswers,
  { labelSmoothing }: { readonly labelSmoothing: number },
): tf.Scalar {
  return tf.tidy(() => symmetricCrossEntropy(logits, wantedShares(answers, labelSmoothing)))
}

/**
 * What is wanted of the softmax by row (R) and by column (C), as what they have in common and how they differ, both
 * [batch, batch]. They differ only where one right answer of an anchor has more right answers than another.
 */
interface WantedShares {
  /** (R + C) / 2 */
  readonly mean: tf.Tensor2D
  /** (R - C) / 2; left out where it is zero. */
  readonly difference: tf.Tensor2D | undefined
}

function wantedShares({ size, matrix, counts }: RightAnswers, labelSmoothing: number): WantedShares {
  const sharp = 1 - labelSmoothing
  const even = labelSmoothing / size
  const mean = new Float32Array(size * size)
  let difference: Float32Array | undefined
  for (let row = 0; row < size; row++) {
    const byRow = 1 / (counts[row] as number)
    for (let column = 0; column < size; column++) {
      const place = row * size + column
      mean[place] = even
      if (matrix[place] === 0) continue
      const byColumn = 1 / (counts[column] as number)
      mean[place] = (sharp * (byRow + byColumn)) / 2 + even
      if (byRow === byColumn) continue
      difference ??= new Float32Array(size * size)
      difference[place] = (sharp * (byRow - byColumn)) / 2
    }
  }
  return {
    mean: tf.tensor2d(mean, [size, size]),
    difference: difference && tf.tensor2d(difference, [size, size]),
  }
}

/**
 * Half the sum of the rows' and the columns' mean cross-entropies, with its gradient in closed form: (softmax by row +
 * softmax by column) / 2 - the mean of what is wanted of both, over the batch size. Log-sum-exp keeps it finite at any
 * scale.
 */
function symmetricCrossEntropy(logits: tf.Tensor2D, { mean, difference }: WantedShares): tf.Scalar {
  const size = logits.shape[0]
  const operation = tf.customGrad((x, save) => {
    const scores = x as tf.Tensor2D
    // Each in a tidy of its own: for a large batch these matrices are much of what the loss takes.
    const byRow = tf.tidy(() => logSoftmaxByRow(scores))
    const byColumn = tf.tidy(() => tf.transpose(logSoftmaxByRow(tf.transpose(scores))))
    const value = tf.tidy(() => {
      const common = tf.mul(mean, tf.add(byRow, byColumn))
      // R·row + C·column = mean·(row + column) + difference·(row - column), element by element.
      const weighed = difference === undefined ? common : tf.add(common, tf.mul(difference, tf.sub(byRow, byColumn)))
      return tf.mul(tf.sum(weighed), -0.5 / size)
    })
    const shares = tf.tidy(() => tf.mul(tf.add(tf.exp(byRow), tf.exp(byColumn)), 0.5))
    const gradient = tf.tidy(() => tf.mul(tf.sub(shares, mean), 1 / size))
    ;(save as tf.GradSaveFunc)([gradient])
    return { value, gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(dy, saved[0] as tf.Tensor) }
  })
  return operation(logits) as tf.Scalar
}

function logSoftmaxByRow(x: tf.Tensor2D): tf.Tensor2D {
  const shifted = tf.sub(x, tf.max(x, 1, true))
  return tf.sub(shifted, tf.log(tf.sum(tf.exp(shifted), 1, true)))
}
