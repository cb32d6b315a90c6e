import * as tf from '@tensorflow/tfjs-core'
import type { ParameterBuilder } from '../parameter-builder.ts'
import { Dense } from './dense.ts'

/** What a score is lowered by where nothing is to be seen: enough to make its share zero, and still finite. */
const never = -1e9

/** How the rows that attention works on make up sequences. */
export interface Sequences {
  readonly batch: number
  readonly length: number
  /** Added to the scores [batch, heads, length, length] of each token (third axis) for each other (fourth). */
  readonly hidden?: tf.Tensor4D
}

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

/** Multi-head self-attention (Vaswani et al. 2017) within each sequence of a batch. */
export class Attention {
  readonly #projections: Dense
  readonly #output: Dense
  readonly #width: number
  readonly #heads: number

  constructor(builder: ParameterBuilder, { width, heads }: { width: number; heads: number }) {
    this.#projections = new Dense(builder.within('projections'), { inputs: width, outputs: 3 * width })
    this.#output = new Dense(builder.within('output'), { inputs: width, outputs: width })
    this.#width = width
    this.#heads = heads
  }

  /** [batch × length, width] in and out. */
  apply(x: tf.Tensor2D, { batch, length, hidden }: Sequences): tf.Tensor2D {
    const depth = this.#width / this.#heads
    const byHead = (y: tf.Tensor): tf.Tensor4D =>
      tf.transpose(tf.reshape<tf.Rank.R4>(y, [batch, length, this.#heads, depth]), [0, 2, 1, 3])
    const [queries, keys, values] = tf.split(this.#projections.apply(x), 3, 1).map(byHead) as [
      tf.Tensor4D,
      tf.Tensor4D,
      tf.Tensor4D,
    ]
    const scores = tf.mul(tf.matMul(queries, keys, false, true), 1 / Math.sqrt(depth))
    const shares = tf.softmax(hidden === undefined ? scores : tf.add(scores, hidden))
    const gathered = tf.transpose(tf.matMul(shares, values), [0, 2, 1, 3])
    return this.#output.apply(tf.reshape<tf.Rank.R2>(gathered, [batch * length, this.#width]))
  }
}
