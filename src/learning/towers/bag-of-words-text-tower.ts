import type * as tf from '@tensorflow/tfjs-core'
import * as z from 'zod'
import { applyBlock } from '../apply-block.ts'
import { Dense } from '../layers/dense.ts'
import { maskedMean, TokenEmbedding, tokenDropout } from '../layers/token-embedding.ts'
import { relu } from '../operations/relu.ts'
import type { Parameter } from '../parameter.ts'
import { ParameterBuilder } from '../parameter-builder.ts'
import type { Pass } from '../pass.ts'
import type { TextTower } from './tower.ts'

/** The mean of the words' vectors, then dense layers with relu; `hidden` gives their widths and may be empty. */
export const bagOfWordsTextTowerConfig = z.strictObject({
  kind: z.literal('bag-of-words'),
  width: z.int().positive().default(256),
  hidden: z.array(z.int().positive()).default([256]),
  tokenDropout,
})

export type BagOfWordsTextTowerConfig = z.output<typeof bagOfWordsTextTowerConfig>

/** Knows which words a text has, but not their order: quick, and strong on keyword-like captions. */
export class BagOfWordsTextTower implements TextTower {
  readonly parameters: readonly Parameter[]
  readonly outputSize: number
  readonly #embedding: TokenEmbedding
  readonly #hidden: readonly Dense[]

  constructor(
    { width, hidden, tokenDropout }: BagOfWordsTextTowerConfig,
    { seed, vocabularySize }: { seed: number | null; vocabularySize: number },
  ) {
    const builder = new ParameterBuilder(seed, 'text.')
    this.#embedding = new TokenEmbedding(builder.within('embedding'), { vocabularySize, width, tokenDropout })
    this.#hidden = hidden.map(
      (outputs, index) =>
        new Dense(builder.within(`dense${index}`), { inputs: hidden[index - 1] ?? width, outputs, gain: 2 }),
    )
    this.outputSize = hidden.at(-1) ?? width
    this.parameters = builder.parameters
  }

  encode(tokens: tf.Tensor2D, pass: Pass): tf.Tensor2D {
    const mean = applyBlock([tokens], pass, ([tokens], pass) => {
      const { vectors, mask } = this.#embedding.apply(tokens, pass)
      return maskedMean(vectors, mask)
    })
    return this.#hidden.reduce<tf.Tensor2D>((x, dense) => relu(dense.apply(x)), mean)
  }
}
