import type * as tf from '@tensorflow/tfjs-core'
import { layerNormalization } from '../operations/layer-normalization.ts'
import type { ParameterBuilder } from '../parameter-builder.ts'

const epsilon = 1e-5

/** Layer normalisation over the last axis (Ba et al. 2016) with a learned gain and bias. */
export class LayerNormalization {
  readonly #gain: tf.Variable<tf.Rank.R1>
  readonly #bias: tf.Variable<tf.Rank.R1>

  constructor(builder: ParameterBuilder, width: number) {
    this.#gain = builder.constant<tf.Rank.R1>('gain', [width], 1)
    this.#bias = builder.constant<tf.Rank.R1>('bias', [width], 0)
  }

  /** [rows, width], each row normalised. */
  apply(x: tf.Tensor2D): tf.Tensor2D {
    return layerNormalization(x, this.#gain, this.#bias, epsilon)
  }
}
