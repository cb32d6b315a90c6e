import * as tf from '@tensorflow/tfjs-core'
import * as z from 'zod'
import type { Random } from '../../random/random.ts'
import { embedding } from '../operations/embedding.ts'
import type { ParameterBuilder } from '../parameter-builder.ts'
import type { Pass } from '../pass.ts'

/** The share of tokens that training hides, so that a text is also known by part of its words. */
export const tokenDropout = z.number().min(0).lt(1).default(0)

/** Token numbers turned into learned vectors, with a mask of where there are tokens at all. */
export interface EmbeddedTokens {
  /** [batch, length, width]; what stands at padding is of no meaning. */
  readonly vectors: tf.Tensor3D
  /** [batch, length], 1 at tokens and 0 at padding. */
  readonly mask: tf.Tensor2D
}

export interface TokenEmbeddingShape {
  readonly vocabularySize: number
  readonly width: number
  readonly tokenDropout: number
}

/** A table of one learned vector per word of the vocabulary. */
export class TokenEmbedding {
  readonly #table: tf.Variable<tf.Rank.R2>
  readonly #tokenDropout: number

  constructor(builder: ParameterBuilder, { vocabularySize, width, tokenDropout }: TokenEmbeddingShape) {
    this.#table = builder.weight<tf.Rank.R2>('table', [vocabularySize, width], Math.sqrt(1 / width))
    this.#tokenDropout = tokenDropout
  }

  /** @param tokens int32 [batch, length]; negative numbers are padding */
  apply(tokens: tf.Tensor2D, pass: Pass): EmbeddedTokens {
    const zero = tf.scalar(0, 'int32')
    const vectors = embedding(this.#table, tf.maximum(tokens, zero)) as tf.Tensor3D
    const mask: tf.Tensor2D = tf.cast(tf.greaterEqual(tokens, zero), 'float32')
    const learns = pass.training && !pass.isFrozen(this.#table as tf.Variable)
    if (!learns || this.#tokenDropout === 0) return { vectors, mask }
    return { vectors, mask: tf.mul(mask, this.#kept(tokens.shape, pass.random())) }
  }

  /** 0 where a token is hidden. The first one never is, so no text is left empty. */
  #kept(shape: [number, number], random: Random): tf.Tensor2D {
    const kept = Float32Array.from({ length: shape[0] * shape[1] }, (_, place) =>
      random.uniform() >= this.#tokenDropout || place % shape[1] === 0 ? 1 : 0,
    )
    return tf.tensor2d(kept, shape)
  }
}

/** [batch, length]: 1 at each text's last token and 0 elsewhere; all 0 for a text without tokens. */
export function lastTokens(tokens: tf.Tensor2D): tf.Tensor2D {
  const places = tf.range(1, tokens.shape[1] + 1, 1, 'int32')
  const filled = tf.mul(places, tf.cast(tf.greaterEqual(tokens, tf.scalar(0, 'int32')), 'int32'))
  // A place counts from 1, so the maximum of a text without tokens, 0, is no place.
  return tf.cast(tf.equal(places, tf.max(filled, 1, true)), 'float32')
}

/** The mean of each text's vectors, [batch, width]; zeros for a text without tokens. */
export function maskedMean(vectors: tf.Tensor3D, mask: tf.Tensor2D): tf.Tensor2D {
  const counts = tf.maximum(tf.sum(mask, 1, true), 1)
  const shares = tf.div(mask, counts)
  return tf.sum(tf.mul(vectors, tf.expandDims(shares, 2)), 1)
}
