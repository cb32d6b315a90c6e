import * as tf from '@tensorflow/tfjs-core'
import type { ParameterBuilder } from '../parameter-builder.ts'

/** A matrix and a bias. The matrix starts with deviation √(gain / inputs): gain 2 where a relu follows, else 1. */
export class Dense {
  readonly #kernel: tf.Variable<tf.Rank.R2>
  readonly #bias: tf.Variable<tf.Rank.R1> | undefined

  constructor(
    builder: ParameterBuilder,
    { inputs, outputs, gain = 1, bias = true }: { inputs: number; outputs: number; gain?: number; bias?: boolean },
  ) {
    this.#kernel = builder.weight<tf.Rank.R2>('kernel', [inputs, outputs], Math.sqrt(gain / inputs))
    this.#bias = bias ? builder.constant<tf.Rank.R1>('bias', [outputs], 0) : undefined
  }

  /**
   * [rows, inputs] to [rows, outputs].
   *
   * @param join what is made of the product and the bias, where there is one; their sum unless told
   */
  apply(x: tf.Tensor2D, join: (product: tf.Tensor2D, bias: tf.Tensor1D) => tf.Tensor2D = tf.add): tf.Tensor2D {
    const product: tf.Tensor2D = tf.matMul(x, this.#kernel)
    return this.#bias === undefined ? product : join(product, this.#bias)
  }
}
