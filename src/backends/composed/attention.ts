import * as tf from '@tensorflow/tfjs-core'

/** The softmax of scale·x over the last axis. */
export function softmax({ x }: { readonly x: tf.Tensor }, { scale }: { readonly scale: number }): tf.TensorInfo {
  return tf.tidy(() => tf.softmax(scale === 1 ? x : tf.mul(x, scale)))
}

export function softmaxGradient(
  { dy, y }: Readonly<Record<'dy' | 'y', tf.Tensor>>,
  { scale }: { readonly scale: number },
): tf.TensorInfo {
  return tf.tidy(() => {
    const weighed = tf.mul(dy, y)
    const dx = tf.sub(weighed, tf.mul(y, tf.sum(weighed, -1, true)))
    return scale === 1 ? dx : tf.mul(dx, scale)
  })
}

/** [batch × length, 3 × heads × depth] to three of [batch, heads, length, depth]. */
export function splitHeads(
  { x }: { readonly x: tf.Tensor },
  { batch, heads }: { readonly batch: number; readonly heads: number },
): tf.TensorInfo[] {
  const [rows, columns] = x.shape as [number, number]
  const [length, depth] = [rows / batch, columns / 3 / heads]
  return tf.tidy(() =>
    tf.split(x, 3, 1).map(part => tf.transpose(tf.reshape(part, [batch, length, heads, depth]), [0, 2, 1, 3])),
  )
}

/** Three of [batch, heads, length, depth] to [batch × length, 3 × heads × depth]. */
export function mergeHeads({
  queries,
  keys,
  values,
}: Readonly<Record<'queries' | 'keys' | 'values', tf.Tensor>>): tf.TensorInfo {
  const [batch, heads, length, depth] = queries.shape as [number, number, number, number]
  return tf.tidy(() => {
    const parts = [queries, keys, values].map(part =>
      tf.reshape<tf.Rank.R2>(tf.transpose(part, [0, 2, 1, 3]), [batch * length, heads * depth]),
    )
    return tf.concat2d(parts, 1)
  })
}
