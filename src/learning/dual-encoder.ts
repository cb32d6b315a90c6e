import * as tf from '@tensorflow/tfjs-core'
import { ChronogradError } from '../errors/chronograd-error.ts'
import { parseConfig } from '../errors/parse-config.ts'
import { type DualEncoderConfig, type DualEncoderConfigInput, dualEncoderConfig } from './dual-encoder-config.ts'
import { frozenParameters } from './freeze.ts'
import { Dense } from './layers/dense.ts'
import { type InitialLogits, softmaxLogits } from './loss/initial-logits.ts'
import type { Parameter } from './parameter.ts'
import { ParameterBuilder } from './parameter-builder.ts'
import type { Pass } from './pass.ts'
import type { Stateful, StateSlot } from './stateful.ts'
import { BagOfWordsTextTower } from './towers/bag-of-words-text-tower.ts'
import { ConvolutionalImageTower } from './towers/convolutional-image-tower.ts'
import { ResnetImageTower } from './towers/resnet-image-tower.ts'
import type { ImageTower, TextTower } from './towers/tower.ts'
import { TransformerTextTower } from './towers/transformer-text-tower.ts'
import { VisionTransformerImageTower } from './towers/vision-transformer-image-tower.ts'

/** The most that the logit scale may grow to, as CLIP has it: similarities are multiplied by at most 100. */
export const maximumLogitScale = Math.log(100)

/**
 * Pictures and texts in one space (CLIP, Radford et al. 2021): a tower for each, a linear projection to a shared
 * dimension, and unit length, so that a dot product of features is a cosine similarity.
 *
 * @example
 * const model = createDualEncoder({}, { seed: 1, vocabularySize: 2000, tokenLength: 16, imageSize: 32 })
 * const features = tf.tidy(() => model.encodeImages(images, inference))
 */
export class DualEncoder implements Stateful {
  /** The length of a feature vector. */
  readonly dimension: number
  /** The logarithm of what similarities are multiplied by in the loss. */
  readonly logitScale: tf.Variable<tf.Rank.R0>
  /** What is added to the scaled similarities in the sigmoid loss; left out in models made for the softmax loss. */
  readonly logitBias: tf.Variable<tf.Rank.R0> | undefined
  readonly #image: ImageTower
  readonly #text: TextTower
  readonly #imageProjection: Dense
  readonly #textProjection: Dense
  readonly #frozen = new Set<tf.Variable>()
  #parameters: readonly Parameter[]

  constructor(
    towers: { image: ImageTower; text: TextTower },
    { dimension, seed, logits = softmaxLogits }: { dimension: number; seed: number | null; logits?: InitialLogits },
  ) {
    const builder = new ParameterBuilder(seed)
    this.dimension = dimension
    this.#image = towers.image
    this.#text = towers.text
    this.#imageProjection = new Dense(builder.within('imageProjection'), {
      inputs: towers.image.outputSize,
      outputs: dimension,
      bias: false,
    })
    this.#textProjection = new Dense(builder.within('textProjection'), {
      inputs: towers.text.outputSize,
      outputs: dimension,
      bias: false,
    })
    this.logitScale = builder.constant<tf.Rank.R0>('logitScale', [], logits.scale)
    this.logitBias = logits.bias === undefined ? undefined : builder.constant<tf.Rank.R0>('logitBias', [], logits.bias)
    this.#parameters = [...towers.image.parameters, ...towers.text.parameters, ...builder.parameters]
  }

  /** Every array of the model in a fixed order, buffers included. */
  get parameters(): readonly Parameter[] {
    return this.#parameters
  }

  /** The arrays that `freeze` has taken out of training. */
  get frozen(): ReadonlySet<tf.Variable> {
    return this.#frozen
  }

  /**
   * Takes parts of the model out of training: an optimizer made afterwards does not move them, and their batch
   * normalisation uses and keeps its running statistics.
   *
   * @param patterns names, as `matchesPattern` reads them: `image` is the whole tower
   * @throws FreezeError when a pattern means nothing, or nothing would be left to train; then nothing is frozen
   *
   * @example
   * model.freeze(['image', 'imageProjection'])
   * const optimizer = new AdamW(model.parameters)
   */
  freeze(patterns: readonly string[]): void {
    const parameters = frozenParameters(this.#parameters, patterns)
    for (const [index, parameter] of parameters.entries()) {
      if (parameter !== this.#parameters[index]) this.#frozen.add(parameter.variable)
    }
    this.#parameters = parameters
  }

  /**
   * @param images float32 [batch, height, width, 3] in [-1, 1]
   * @returns [batch, dimension], each row of length 1
   */
  encodeImages(images: tf.Tensor4D, pass: Pass): tf.Tensor2D {
    return normalizeRows(this.#imageProjection.apply(this.#image.encode(images, pass)))
  }

  /**
   * @param tokens int32 [batch, length], negative at padding
   * @returns [batch, dimension], each row of length 1
   */
  encodeTexts(tokens: tf.Tensor2D, pass: Pass): tf.Tensor2D {
    return normalizeRows(this.#textProjection.apply(this.#text.encode(tokens, pass)))
  }

  /** Every array under its own name. */
  get slots(): readonly StateSlot[] {
    return this.parameters.map(({ name, variable }) => ({ name, shape: variable.shape, variable, offset: 0 }))
  }

  /** A model counts nothing. */
  counters(): Readonly<Record<string, number>> {
    return {}
  }

  restoreCounters(): void {}

  /** Brings the logit scale back between 0 and ln 100, as is done after every optimisation step. */
  clampLogitScale(): void {
    if (this.#frozen.has(this.logitScale as tf.Variable)) return
    tf.tidy(() => this.logitScale.assign(tf.clipByValue(this.logitScale, 0, maximumLogitScale)))
  }

  dispose(): void {
    for (const { variable } of this.parameters) variable.dispose()
  }
}

/** What a model is built for, beside its configuration. */
export interface DualEncoderOptions {
  /** What the weights follow from; `null` leaves them zero, for weights that are about to be loaded or only counted. */
  readonly seed: number | null
  readonly vocabularySize: number
  /** The longest text that the model will see, in tokens. */
  readonly tokenLength: number
  /** Side of the square pictures that the model will see, in pixels. */
  readonly imageSize: number
  /** Where the logit scale starts, and the bias where there is to be one; as the softmax loss has them unless told. */
  readonly logits?: InitialLogits
}

/** What a model is to be made of is wrong. */
export class ModelConfigError extends ChronogradError {}

/**
 * Builds a dual encoder from its configuration. The weights are a function of the seed and of each parameter's name.
 *
 * @throws ModelConfigError when the configuration is wrong
 */
export function createDualEncoder(input: DualEncoderConfigInput, options: DualEncoderOptions): DualEncoder {
  const config = parseConfig(
    dualEncoderConfig,
    input,
    problems => new ModelConfigError(`The model's configuration is wrong: ${problems}.`),
  )
  const towers = { image: createImageTower(config.image, options), text: createTextTower(config.text, options) }
  return new DualEncoder(towers, { ...options, dimension: config.dimension })
}

/**
 * The image tower of a configuration, its parameters called `image.…`.
 *
 * @throws ImageSizeError when the pictures' side is no multiple of a vision transformer's patches
 */
export function createImageTower(config: DualEncoderConfig['image'], options: DualEncoderOptions): ImageTower {
  switch (config.kind) {
    case 'convolutional':
      return new ConvolutionalImageTower(config, options)
    case 'resnet':
      return new ResnetImageTower(config, options)
    case 'vision-transformer':
      return new VisionTransformerImageTower(config, options)
  }
}

/** The text tower of a configuration, its parameters called `text.…`. */
export function createTextTower(config: DualEncoderConfig['text'], options: DualEncoderOptions): TextTower {
  switch (config.kind) {
    case 'bag-of-words':
      return new BagOfWordsTextTower(config, options)
    case 'transformer':
      return new TransformerTextTower(config, options)
  }
}

/** Rows divided by their length; the small number keeps a row of zeros, and its gradient, finite. */
function normalizeRows(x: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(x, tf.rsqrt(tf.add(tf.sum(tf.square(x), 1, true), 1e-12)))
}
