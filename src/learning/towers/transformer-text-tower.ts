import * as tf from '@tensorflow/tfjs-core'
import * as z from 'zod'
import { ChronogradError } from '../../errors/chronograd-error.ts'
import { applyBlock } from '../apply-block.ts'
import { activationName } from '../layers/activation.ts'
import { laterHidden, paddingHidden } from '../layers/attention-mask.ts'
import { LayerNormalization } from '../layers/layer-normalization.ts'
import { lastTokens, maskedMean, TokenEmbedding, tokenDropout } from '../layers/token-embedding.ts'
import { TransformerBlock } from '../layers/transformer-block.ts'
import type { Parameter } from '../parameter.ts'
import { ParameterBuilder } from '../parameter-builder.ts'
import type { Pass } from '../pass.ts'
import type { TextTower } from './tower.ts'

/**
 * A transformer encoder over the tokens. As it stands every token sees every other and a text is the mean of its
 * tokens; CLIP's is had with `attention: 'causal'`, `activation: 'quick-gelu'` and `pooling: 'last-token'`.
 */
export const transformerTextTowerConfig = z
  .strictObject({
    kind: z.literal('transformer'),
    width: z.int().positive().default(128),
    layers: z.int().positive().default(2),
    heads: z.int().positive().default(4),
    attention: z.enum(['full', 'causal']).default('full'),
    activation: activationName.default('relu'),
    pooling: z.enum(['mean', 'last-token']).default('mean'),
    tokenDropout,
  })
  .refine(({ width, heads }) => width % heads === 0, { error: 'width must be a multiple of heads', path: ['heads'] })

export type TransformerTextTowerConfig = z.output<typeof transformerTextTowerConfig>

/** Texts are longer than the tower has places for. */
export class TextLengthError extends ChronogradError {}

/** Words with their places, transformer blocks, then the mean over the text's tokens or the last one's vector. */
export class TransformerTextTower implements TextTower {
  readonly parameters: readonly Parameter[]
  readonly outputSize: number
  readonly #config: TransformerTextTowerConfig
  readonly #embedding: TokenEmbedding
  readonly #positions: tf.Variable<tf.Rank.R2>
  readonly #blocks: readonly TransformerBlock[]
  readonly #normalization: LayerNormalization

  constructor(
    config: TransformerTextTowerConfig,
    { seed, vocabularySize, tokenLength }: { seed: number | null; vocabularySize: number; tokenLength: number },
  ) {
    const { width, layers, heads, activation, tokenDropout } = config
    const builder = new ParameterBuilder(seed, 'text.')
    this.#config = config
    this.#embedding = new TokenEmbedding(builder.within('embedding'), { vocabularySize, width, tokenDropout })
    this.#positions = builder.weight<tf.Rank.R2>('positions', [tokenLength, width], Math.sqrt(0.25 / width))
    this.#blocks = Array.from(
      { length: layers },
      (_, index) => new TransformerBlock(builder.within(`block${index}`), { width, heads, activation }),
    )
    this.#normalization = new LayerNormalization(builder.within('normalization'), width)
    this.outputSize = width
    this.parameters = builder.parameters
  }

  /** @throws TextLengthError when texts are longer than the tower was built for */
  encode(tokens: tf.Tensor2D, pass: Pass): tf.Tensor2D {
    const { attention, pooling } = this.#config
    const [batch, length] = tokens.shape
    const positions = this.#positionsFor(length)
    const last = pooling === 'last-token' ? lastTokens(tokens) : undefined
    const { vectors, mask } = this.#embedding.apply(tokens, pass)
    // The token that speaks for the text is not hidden from itself.
    const hiddenPadding = paddingHidden(last === undefined ? mask : tf.maximum(mask, last))
    const hidden = attention === 'full' ? hiddenPadding : tf.add<tf.Tensor4D>(hiddenPadding, laterHidden(length))
    const placed = tf.reshape<tf.Rank.R2>(tf.add(vectors, positions), [batch * length, this.outputSize])
    const rows = this.#blocks.reduce(
      (x, block) => applyBlock([x, hidden], pass, ([x, hidden]) => block.apply(x, { batch, length, hidden })),
      placed,
    )
    if (last === undefined) {
      return maskedMean(this.#sequences(this.#normalization.apply(rows), batch, length), mask)
    }
    // Normalising works row by row, so only the rows that count are normalised.
    return this.#normalization.apply(maskedMean(this.#sequences(rows, batch, length), last))
  }

  #positionsFor(length: number): tf.Tensor2D {
    const [places] = this.#positions.shape
    if (length > places) {
      throw new TextLengthError(
        `This text transformer has places for ${places} tokens, and was given texts of ${length}; cut them.`,
      )
    }
    return length === places ? this.#positions : tf.slice2d(this.#positions, [0, 0], [length, -1])
  }

  #sequences(rows: tf.Tensor2D, batch: number, length: number): tf.Tensor3D {
    return tf.reshape(rows, [batch, length, this.outputSize])
  }
}
