import * as tf from '@tensorflow/tfjs-core'
import * as z from 'zod'
import { ChronogradError } from '../../errors/chronograd-error.ts'
import { applyBlock } from '../apply-block.ts'
import { activationName } from '../layers/activation.ts'
import { LayerNormalization } from '../layers/layer-normalization.ts'
import { PatchEmbedding } from '../layers/patch-embedding.ts'
import { normalizePixels, type PixelStatistics, pixelStatistics } from '../layers/pixel-normalization.ts'
import { TransformerBlock } from '../layers/transformer-block.ts'
import type { Parameter } from '../parameter.ts'
import { ParameterBuilder } from '../parameter-builder.ts'
import type { Pass } from '../pass.ts'
import type { ImageTower } from './tower.ts'

const count = z.int().positive()

/**
 * A vision transformer (Dosovitskiy et al. 2021) with learned places. The defaults suit pictures of 32 px; CLIP's is had
 * with `activation: 'quick-gelu'` and `inputNormalization: true`.
 */
export const visionTransformerImageTowerConfig = z
  .strictObject({
    kind: z.literal('vision-transformer'),
    patchSize: count.default(4),
    width: count.default(192),
    layers: count.default(6),
    heads: count.default(3),
    pooling: z.enum(['class-token', 'mean']).default('class-token'),
    activation: activationName.default('gelu'),
    inputNormalization: z.boolean().default(false),
    pixels: pixelStatistics,
  })
  .refine(({ width, heads }) => width % heads === 0, { error: 'width must be a multiple of heads', path: ['heads'] })

export type VisionTransformerImageTowerConfig = z.output<typeof visionTransformerImageTowerConfig>

/** Pictures are not of the size that the tower was built for, or cannot be cut into its patches. */
export class ImageSizeError extends ChronogradError {}

/** Patches with their places, transformer blocks, then the class token's vector or the mean of the patches'. */
export class VisionTransformerImageTower implements ImageTower {
  readonly parameters: readonly Parameter[]
  readonly outputSize: number
  readonly #imageSize: number
  readonly #pixels: PixelStatistics
  readonly #patches: PatchEmbedding
  readonly #classToken: tf.Variable<tf.Rank.R1> | undefined
  readonly #positions: tf.Variable<tf.Rank.R2>
  readonly #inputNormalization: LayerNormalization | undefined
  readonly #blocks: readonly TransformerBlock[]
  readonly #normalization: LayerNormalization

  /** @throws ImageSizeError when `imageSize` is no multiple of the patches' side */
  constructor(
    config: VisionTransformerImageTowerConfig,
    { seed, imageSize }: { seed: number | null; imageSize: number },
  ) {
    const { patchSize, width, layers, heads, activation, pooling, inputNormalization, pixels } = config
    if (imageSize % patchSize !== 0) {
      throw new ImageSizeError(
        `Pictures of ${imageSize} px cannot be cut into patches of ${patchSize} px; make imageSize a multiple of patchSize.`,
      )
    }
    const builder = new ParameterBuilder(seed, 'image.')
    const deviation = Math.sqrt(0.25 / width)
    const places = (imageSize / patchSize) ** 2 + (pooling === 'class-token' ? 1 : 0)
    this.#imageSize = imageSize
    this.#pixels = pixels
    this.#patches = new PatchEmbedding(builder.within('patches'), { patchSize, width })
    this.#classToken = pooling === 'class-token' ? builder.weight('classToken', [width], deviation) : undefined
    this.#positions = builder.weight<tf.Rank.R2>('positions', [places, width], deviation)
    this.#inputNormalization = inputNormalization
      ? new LayerNormalization(builder.within('inputNormalization'), width)
      : undefined
    this.#blocks = Array.from(
      { length: layers },
      (_, index) => new TransformerBlock(builder.within(`block${index}`), { width, heads, activation }),
    )
    this.#normalization = new LayerNormalization(builder.within('normalization'), width)
    this.outputSize = width
    this.parameters = builder.parameters
  }

  /** @throws ImageSizeError when pictures are not of the size that the tower was built for */
  encode(images: tf.Tensor4D, pass: Pass): tf.Tensor2D {
    const [batch, height, width] = images.shape
    if (height !== this.#imageSize || width !== this.#imageSize) {
      throw new ImageSizeError(
        `This vision transformer has places for pictures of ${this.#imageSize}×${this.#imageSize} px, and was given ${width}×${height} px.`,
      )
    }
    const [length] = this.#positions.shape
    const placed = tf.add<tf.Tensor3D>(this.#tokens(images, batch), this.#positions)
    const rows = tf.reshape<tf.Rank.R2>(placed, [batch * length, this.outputSize])
    const seen = this.#blocks.reduce(
      (x, block) => applyBlock([x], pass, ([x]) => block.apply(x, { batch, length })),
      this.#inputNormalization?.apply(rows) ?? rows,
    )
    if (this.#classToken === undefined) {
      const normalized = this.#normalization.apply(seen)
      return tf.mean(tf.reshape<tf.Rank.R3>(normalized, [batch, length, this.outputSize]), 1)
    }
    // Normalising works row by row, so only the row that counts is normalised.
    const first = tf.slice(tf.reshape<tf.Rank.R3>(seen, [batch, length, this.outputSize]), [0, 0, 0], [batch, 1, -1])
    return this.#normalization.apply(tf.reshape<tf.Rank.R2>(first, [batch, this.outputSize]))
  }

  /** [batch, places, width]: the class token, where there is one, before the patches. */
  #tokens(images: tf.Tensor4D, batch: number): tf.Tensor3D {
    const patches = this.#patches.apply(normalizePixels(images, this.#pixels))
    const sequences = tf.reshape<tf.Rank.R3>(patches, [batch, -1, this.outputSize])
    if (this.#classToken === undefined) return sequences
    // Spread by addition: the gradient of tile would cut the batch up picture by picture.
    const classTokens = tf.add<tf.Tensor3D>(tf.zeros([batch, 1, this.outputSize]), this.#classToken)
    return tf.concat3d([classTokens, sequences], 1)
  }
}
