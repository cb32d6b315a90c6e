import * as tf from '@tensorflow/tfjs-core'
import type { ParameterBuilder } from '../parameter-builder.ts'
import { Dense } from './dense.ts'

/** What a score at padding is lowered by: enough to make its share zero, and still finite. */
const never = -1e9

/** Multi-head self-attention over a text's tokens (Vaswani et al. 2017); padding is not looked at. */
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

  /**
   * @param x [batch × length, width]
   * @param mask [batch, length], 0 at padding
   * @returns [batch × length, width]
   */
  apply(x: tf.Tensor2D, mask: tf.Tensor2D): tf.Tensor2D {
    const [batch, length] = mask.shape
    const depth = this.#width / this.#heads
    const byHead = (y: tf.Tensor): tf.Tensor4D =>
      tf.transpose(tf.reshape<tf.Rank.R4>(y, [batch, length, this.#heads, depth]), [0, 2, 1, 3])
    const [queries, keys, values] = tf.split(this.#projections.apply(x), 3, 1).map(byHead) as [
      tf.Tensor4D,
      tf.Tensor4D,
      tf.Tensor4D,
    ]
    const scores = tf.mul(tf.matMul(queries, keys, false, true), 1 / Math.sqrt(depth))
    const padding = tf.reshape(tf.mul(tf.sub(1, mask), never), [batch, 1, 1, length])
    const shares = tf.softmax(tf.add(scores, padding))
    const gathered = tf.transpose(tf.matMul(shares, values), [0, 2, 1, 3])
    return this.#output.apply(tf.reshape<tf.Rank.R2>(gathered, [batch * length, this.#width]))
  }
}
