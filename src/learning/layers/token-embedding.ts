import * as tf from '@tensorflow/tfjs-core'
import { embedding } from '../operations/embedding.ts'
import type { ParameterBuilder } from '../parameter-builder.ts'

/** Token numbers turned into learned vectors, with a mask of where there are tokens at all. */
export interface EmbeddedTokens {
  /** [batch, length, width]; what stands at padding is of no meaning. */
  readonly vectors: tf.Tensor3D
  /** [batch, length], 1 at tokens and 0 at padding. */
  readonly mask: tf.Tensor2D
}

/** A table of one learned vector per word of the vocabulary. */
export class TokenEmbedding {
  readonly #table: tf.Variable<tf.Rank.R2>

  constructor(builder: ParameterBuilder, { vocabularySize, width }: { vocabularySize: number; width: number }) {
    this.#table = builder.weight<tf.Rank.R2>('table', [vocabularySize, width], Math.sqrt(1 / width))
  }

  /** @param tokens int32 [batch, length]; negative numbers are padding */
  apply(tokens: tf.Tensor2D): EmbeddedTokens {
    const vectors = embedding(this.#table, tf.maximum(tokens, tf.scalar(0, 'int32')))
    return { vectors: vectors as tf.Tensor3D, mask: tf.cast(tf.greaterEqual(tokens, tf.scalar(0, 'int32')), 'float32') }
  }
}

/** The mean of each text's vectors, [batch, width]; zeros for a text without tokens. */
export function maskedMean(vectors: tf.Tensor3D, mask: tf.Tensor2D): tf.Tensor2D {
  const counts = tf.maximum(tf.sum(mask, 1, true), 1)
  const shares = tf.div(mask, counts)
  return tf.sum(tf.mul(vectors, tf.expandDims(shares, 2)), 1)
}
