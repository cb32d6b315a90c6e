import * as tf from '@tensorflow/tfjs-core'
import * as z from 'zod'
import { LayerNormalization } from '../layers/layer-normalization.ts'
import { maskedMean, TokenEmbedding, tokenDropout } from '../layers/token-embedding.ts'
import { TransformerBlock } from '../layers/transformer-block.ts'
import type { Parameter } from '../parameter.ts'
import { ParameterBuilder } from '../parameter-builder.ts'
import type { Pass } from '../pass.ts'
import type { TextTower } from './tower.ts'

/** A transformer encoder over the tokens; every token sees every other. */
export const transformerTextTowerConfig = z
  .strictObject({
    kind: z.literal('transformer'),
    width: z.int().positive().default(128),
    layers: z.int().positive().default(2),
    heads: z.int().positive().default(4),
    tokenDropout,
  })
  .refine(({ width, heads }) => width % heads === 0, { error: 'width must be a multiple of heads', path: ['heads'] })

export type TransformerTextTowerConfig = z.output<typeof transformerTextTowerConfig>

/** Words with their places, transformer blocks, then the mean over the text's tokens. */
export class TransformerTextTower implements TextTower {
  readonly parameters: readonly Parameter[]
  readonly outputSize: number
  readonly #embedding: TokenEmbedding
  readonly #positions: tf.Variable<tf.Rank.R2>
  readonly #blocks: readonly TransformerBlock[]
  readonly #normalization: LayerNormalization

  constructor(
    { width, layers, heads, tokenDropout }: TransformerTextTowerConfig,
    { seed, vocabularySize, tokenLength }: { seed: number | null; vocabularySize: number; tokenLength: number },
  ) {
    const builder = new ParameterBuilder(seed, 'text.')
    this.#embedding = new TokenEmbedding(builder.within('embedding'), { vocabularySize, width, tokenDropout })
    this.#positions = builder.weight<tf.Rank.R2>('positions', [tokenLength, width], Math.sqrt(0.25 / width))
    this.#blocks = Array.from(
      { length: layers },
      (_, index) => new TransformerBlock(builder.within(`block${index}`), { width, heads }),
    )
    this.#normalization = new LayerNormalization(builder.within('normalization'), width)
    this.outputSize = width
    this.parameters = builder.parameters
  }

  encode(tokens: tf.Tensor2D, pass: Pass): tf.Tensor2D {
    const [batch, length] = tokens.shape
    const { vectors, mask } = this.#embedding.apply(tokens, pass)
    const placed = tf.reshape<tf.Rank.R2>(tf.add(vectors, this.#positions), [batch * length, this.outputSize])
    const rows = this.#normalization.apply(this.#blocks.reduce((x, block) => block.apply(x, mask), placed))
    return maskedMean(tf.reshape<tf.Rank.R3>(rows, [batch, length, this.outputSize]), mask)
  }
}
