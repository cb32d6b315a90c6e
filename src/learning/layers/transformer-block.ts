import * as tf from '@tensorflow/tfjs-core'
import { relu } from '../operations/relu.ts'
import type { ParameterBuilder } from '../parameter-builder.ts'
import { Attention } from './attention.ts'
import { Dense } from './dense.ts'
import { LayerNormalization } from './layer-normalization.ts'

/** Attention, then two dense layers, each normalised before and added to its input ("pre-norm", Xiong et al. 2020). */
export class TransformerBlock {
  readonly #attentionNormalization: LayerNormalization
  readonly #attention: Attention
  readonly #denseNormalization: LayerNormalization
  readonly #expand: Dense
  readonly #contract: Dense

  constructor(builder: ParameterBuilder, { width, heads }: { width: number; heads: number }) {
    this.#attentionNormalization = new LayerNormalization(builder.within('attentionNormalization'), width)
    this.#attention = new Attention(builder.within('attention'), { width, heads })
    this.#denseNormalization = new LayerNormalization(builder.within('denseNormalization'), width)
    this.#expand = new Dense(builder.within('expand'), { inputs: width, outputs: 4 * width, gain: 2 })
    this.#contract = new Dense(builder.within('contract'), { inputs: 4 * width, outputs: width })
  }

  /** [batch × length, width] in and out; `mask` is [batch, length], 0 at padding. */
  apply(x: tf.Tensor2D, mask: tf.Tensor2D): tf.Tensor2D {
    const attended = tf.add<tf.Tensor2D>(x, this.#attention.apply(this.#attentionNormalization.apply(x), mask))
    const expanded = relu(this.#expand.apply(this.#denseNormalization.apply(attended)))
    return tf.add(attended, this.#contract.apply(expanded))
  }
}
