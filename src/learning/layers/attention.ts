import * as tf from '@tensorflow/tfjs-core'
import { scaledSoftmax } from '../operations/scaled-softmax.ts'
import { splitHeads } from '../operations/split-heads.ts'
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
    const { queries, keys, values } = splitHeads(this.#projections.apply(x), { batch, heads: this.#heads })
    const scale = 1 / Math.sqrt(this.#width / this.#heads)
    const scores: tf.Tensor4D = tf.matMul(queries, keys, false, true)
    const shares =
      hidden === undefined ? scaledSoftmax(scores, scale) : scaledSoftmax(tf.add(tf.mul(scores, scale), hidden), 1)
    const gathered = tf.transpose(tf.matMul<tf.Tensor>(shares, values), [0, 2, 1, 3])
    return this.#output.apply(tf.reshape<tf.Rank.R2>(gathered, [batch * length, this.#width]))
  }
}
