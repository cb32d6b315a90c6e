import * as tf from '@tensorflow/tfjs-core'

/** What a score is lowered by where nothing is to be seen: enough to make its share zero, and still finite. */
const never = -1e9

/** Hides padding from every token: [batch, 1, 1, length] of a mask [batch, length] that is 0 at padding. */
export function paddingHidden(mask: tf.Tensor2D): tf.Tensor4D {
  const [batch, length] = mask.shape
  return tf.reshape(tf.mul(tf.sub(1, mask), never), [batch, 1, 1, length])
}

/** Hides from each token all that come after it, [1, 1, length, length]: reading as one reads. */
export function laterHidden(length: number): tf.Tensor4D {
  const values = Float32Array.from({ length: length * length }, (_, place) =>
    place % length > Math.floor(place / length) ? never : 0,
  )
  return tf.tensor4d(values, [1, 1, length, length])
}
