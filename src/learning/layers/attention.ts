import * as tf from '@tensorflow/tfjs-core'
import type { ParameterBuilder } from '../parameter-builder.ts'
import { Dense } from './dense.ts'

/** How the rows that attention works on make up sequences. */
export interface Sequences {
  readonly batch: number
  readonly length: number
  /** Added to the scores [batch, heads, length, length] of each token (third axis) for each other (fourth). */
  readonly hidden?: tf.Tensor4D
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
