import type * as tf from '@tensorflow/tfjs-core'
import { attention } from '../operations/attention.ts'
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
  readonly #heads: number

  constructor(builder: ParameterBuilder, { width, heads }: { width: number; heads: number }) {
    this.#projections = new Dense(builder.within('projections'), { inputs: width, outputs: 3 * width })
    this.#output = new Dense(builder.within('output'), { inputs: width, outputs: width })
    this.#heads = heads
  }

  /** [batch × length, width] in and out. */
  apply(x: tf.Tensor2D, { batch, hidden }: Sequences): tf.Tensor2D {
    const shape = { batch, heads: this.#heads, hidden }
    return this.#output.apply(this.#projections.apply(x, (product, bias) => attention(product, bias, shape)))
  }
}
