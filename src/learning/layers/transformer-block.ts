import * as tf from '@tensorflow/tfjs-core'
import type { ParameterBuilder } from '../parameter-builder.ts'
import { type ActivationName, activations } from './activation.ts'
import { Attention, type Sequences } from './attention.ts'
import { Dense } from './dense.ts'
import { LayerNormalization } from './layer-normalization.ts'

export interface TransformerBlockShape {
  readonly width: number
  readonly heads: number
  readonly activation: ActivationName
}

/** Attention, then two dense layers, each normalised before and added to its input ("pre-norm", Xiong et al. 2020). */
export class TransformerBlock {
  readonly #attentionNormalization: LayerNormalization
  readonly #attention: Attention
  readonly #denseNormalization: LayerNormalization
  readonly #expand: Dense
  readonly #contract: Dense
  readonly #activation: ActivationName

  constructor(builder: ParameterBuilder, { width, heads, activation }: TransformerBlockShape) {
    this.#attentionNormalization = new LayerNormalization(builder.within('attentionNormalization'), width)
    this.#attention = new Attention(builder.within('attention'), { width, heads })
    this.#denseNormalization = new LayerNormalization(builder.within('denseNormalization'), width)
    this.#expand = new Dense(builder.within('expand'), { inputs: width, outputs: 4 * width, gain: 2 })
    this.#contract = new Dense(builder.within('contract'), { inputs: 4 * width, outputs: width })
    this.#activation = activation
  }

  /** [batch × length, width] in and out. */
  apply(x: tf.Tensor2D, sequences: Sequences): tf.Tensor2D {
    const attended = tf.add<tf.Tensor2D>(x, this.#attention.apply(this.#attentionNormalization.apply(x), sequences))
    const expanded = this.#expand.apply(this.#denseNormalization.apply(attended), activations[this.#activation])
    return tf.add(attended, this.#contract.apply(expanded))
  }
}
