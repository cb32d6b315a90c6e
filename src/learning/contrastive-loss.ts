import * as tf from '@tensorflow/tfjs-core'

/**
 * The symmetric contrastive loss of CLIP (Radford et al. 2021), where samples of one group are all right answers to
 * each other, as in supervised contrastive learning (Khosla et al. 2020): an anchor's wanted distribution is spread
 * evenly over its group. Cross-entropy of picture to text and of text to picture, averaged.
 *
 * @param imageFeatures [batch, dimension], rows of length 1
 * @param textFeatures [batch, dimension], rows of length 1
 * @param logitScale scalar: the logarithm of what similarities are multiplied by
 * @param groups one number per sample, equal where samples belong together
 * @returns a scalar in nats: ln(batch) where features say nothing and every sample is its own group
 */
export function contrastiveLoss(
  imageFeatures: tf.Tensor2D,
  textFeatures: tf.Tensor2D,
  logitScale: tf.Tensor,
  groups: Int32Array,
): tf.Scalar {
  return tf.tidy(() => {
    const similarities = tf.matMul(imageFeatures, textFeatures, false, true)
    return symmetricCrossEntropy(tf.mul(similarities, tf.exp(logitScale)), wantedShares(groups))
  })
}

/** [batch, batch]: each row spread evenly over the samples of its group. The matrix is symmetric. */
function wantedShares(groups: Int32Array): tf.Tensor2D {
  const size = groups.length
  const sizes = new Map<number, number>()
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1)
  const shares = new Float32Array(size * size)
  for (const [row, group] of groups.entries()) {
    const share = 1 / (sizes.get(group) ?? 1)
    for (let column = 0; column < size; column++) if (groups[column] === group) shares[row * size + column] = share
  }
  return tf.tensor2d(shares, [size, size])
}

/**
 * Half the sum of the rows' and the columns' mean cross-entropies with one symmetric matrix of wanted shares, with its
 * gradient in closed form: (softmax by row + softmax by column) / 2 - shares, over the batch size. Log-sum-exp keeps it
 * finite at any scale.
 */
function symmetricCrossEntropy(logits: tf.Tensor2D, shares: tf.Tensor2D): tf.Scalar {
  const size = logits.shape[0]
  const operation = tf.customGrad((x, save) => {
    const scores = x as tf.Tensor2D
    const byRow = logSoftmaxByRow(scores)
    const byColumn = tf.transpose(logSoftmaxByRow(tf.transpose(scores)))
    const both = tf.add(byRow, byColumn)
    const value = tf.mul(tf.sum(tf.mul(shares, both)), -0.5 / size)
    const gradient = tf.mul(tf.sub(tf.mul(tf.add(tf.exp(byRow), tf.exp(byColumn)), 0.5), shares), 1 / size)
    ;(save as tf.GradSaveFunc)([gradient])
    return { value, gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(dy, saved[0] as tf.Tensor) }
  })
  return operation(logits) as tf.Scalar
}

function logSoftmaxByRow(x: tf.Tensor2D): tf.Tensor2D {
  const shifted = tf.sub(x, tf.max(x, 1, true))
  return tf.sub(shifted, tf.log(tf.sum(tf.exp(shifted), 1, true)))
}
