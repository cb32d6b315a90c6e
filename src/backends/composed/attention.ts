import * as tf from '@tensorflow/tfjs-core'
import type { AttentionAttributes, AttentionInputs } from '../learning-kernels.ts'

/** Attention, and for the gradient what share each query has of each value: [batch, heads, length, length]. */
export function attention({ x, bias, hidden }: AttentionInputs, shape: AttentionAttributes): tf.TensorInfo[] {
  return tf.tidy(() => {
    const [queries, keys, values] = splitHeads(tf.add(x, bias), shape)
    const scores = tf.mul(tf.matMul<tf.Tensor>(queries, keys, false, true), scaleOf(queries))
    const shares = tf.softmax<tf.Tensor>(hidden === undefined ? scores : tf.add(scores, hidden))
    return [mergeHeads(tf.matMul(shares, values)), shares]
  })
}

/** The gradients of x and of the bias. */
export function attentionGradient(
  { dy, x, bias, kept: shares }: AttentionInputs & Readonly<Record<'dy' | 'kept', tf.Tensor>>,
  shape: AttentionAttributes,
): tf.TensorInfo[] {
  return tf.tidy(() => {
    const [queries, keys, values] = splitHeads(tf.add(x, bias), shape)
    const slopes = headsOf(dy, shape)
    const weighed = tf.mul(tf.matMul<tf.Tensor>(slopes, values, false, true), shares)
    const ofScores = tf.mul(tf.sub(weighed, tf.mul(shares, tf.sum(weighed, -1, true))), scaleOf(queries))
    const parts = [tf.matMul(ofScores, keys), tf.matMul(ofScores, queries, true), tf.matMul(shares, slopes, true)]
    const dx = tf.concat(parts.map(mergeHeads), 1)
    return [dx, tf.sum(dx, 0)]
  })
}

/** What scores are multiplied by: one over the square root of a query's length. */
function scaleOf(queries: tf.Tensor): number {
  return 1 / Math.sqrt(queries.shape[3] as number)
}

/** [batch × length, 3 × heads × depth] to queries, keys and values, each [batch, heads, length, depth]. */
function splitHeads(x: tf.Tensor, shape: AttentionAttributes): [tf.Tensor, tf.Tensor, tf.Tensor] {
  return tf.split(x, 3, 1).map(part => headsOf(part, shape)) as [tf.Tensor, tf.Tensor, tf.Tensor]
}

/** [batch × length, heads × depth] to [batch, heads, length, depth]. */
function headsOf(x: tf.Tensor, { batch, heads }: AttentionAttributes): tf.Tensor {
  const [rows, columns] = x.shape as [number, number]
  return tf.transpose(tf.reshape(x, [batch, rows / batch, heads, columns / heads]), [0, 2, 1, 3])
}

/** [batch, heads, length, depth] to [batch × length, heads × depth]. */
function mergeHeads(x: tf.Tensor): tf.Tensor {
  const [batch, heads, length, depth] = x.shape as [number, number, number, number]
  return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [batch * length, heads * depth])
}
