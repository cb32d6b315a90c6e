import * as tf from '@tensorflow/tfjs-core'
import { ChronogradError } from '../errors/chronograd-error.ts'
import type { DualEncoder } from './dual-encoder.ts'
import type { FeatureMatrix } from './metrics/feature-matrix.ts'
import { inference } from './pass.ts'
import type { Tokenizer } from './tokenizer/tokenizer.ts'

/** Where a class name stands in a template. */
const place = '{}'

/** How many texts are encoded at once. */
const textsAtOnce = 256

/** Which texts stand for which classes. */
export interface ZeroShotOptions {
  /** What the classes are called, each name once. */
  readonly classNames: readonly string[]
  /** Sentences with `{}` where the class name goes; the name alone unless told. */
  readonly templates?: readonly string[]
  /** Texts are cut or padded to this many tokens: the `tokenLength` that the model was trained with. */
  readonly tokenLength: number
}

/** A class for pictures made of nothing but words. */
export interface ZeroShotClassifier {
  readonly classNames: readonly string[]
  /** A row of length 1 for each class. A picture is of the class whose row its features are most similar to. */
  readonly weights: FeatureMatrix
}

/** A zero-shot classifier cannot be made or used as asked. */
export class ZeroShotError extends ChronogradError {}

/**
 * Makes a classifier of class names and prompt templates, as CLIP does (Radford et al. 2021, section 3.1.4): each class
 * is the mean of its sentences' text features, brought back to length 1. The model needs no training for it.
 *
 * @throws ZeroShotError where there are no classes or no templates, a name comes twice, or a template has no `{}`
 *
 * @example
 * const { model, tokenizer, settings } = await loadModel('pets')
 * const classifier = zeroShotClassifier(model, tokenizer, {
 *   classNames: ['cat', 'dog'],
 *   templates: ['a photo of a {}', 'a drawing of a {}'],
 *   tokenLength: settings.tokenLength,
 * })
 */
export function zeroShotClassifier(
  model: Pick<DualEncoder, 'encodeTexts' | 'dimension'>,
  tokenizer: Pick<Tokenizer, 'encode'>,
  { classNames, templates = [place], tokenLength }: ZeroShotOptions,
): ZeroShotClassifier {
  assertUsable(classNames, templates)
  const texts = classNames.flatMap(name => templates.map(template => template.replaceAll(place, () => name)))
  const features = encodeTexts(model, texts, text => tokenizer.encode(text, tokenLength), tokenLength)
  const { dimension } = model
  const values = new Float32Array(classNames.length * dimension)
  for (const index of classNames.keys()) {
    const sum = new Float64Array(dimension)
    for (const template of templates.keys()) {
      const row = index * templates.length + template
      for (let axis = 0; axis < dimension; axis++) {
        sum[axis] = (sum[axis] as number) + (features[row * dimension + axis] as number)
      }
    }
    const length = Math.sqrt(sum.reduce((squares, value) => squares + value ** 2, 0))
    // Sentences that cancel out say nothing: their class stays a row of zeros.
    if (length !== 0)
      values.set(
        sum.map(value => value / length),
        index * dimension,
      )
  }
  return { classNames, weights: { values, rows: classNames.length, dimension } }
}

function assertUsable(classNames: readonly string[], templates: readonly string[]): void {
  if (classNames.length === 0) throw new ZeroShotError('There are no class names; give at least one.')
  if (templates.length === 0) throw new ZeroShotError("There are no templates; give at least one, such as '{}'.")
  const twice = classNames.find((name, index) => classNames.indexOf(name) !== index)
  if (twice !== undefined) throw new ZeroShotError(`The class "${twice}" is named twice; name each class once.`)
  const wrong = templates.find(template => !template.includes(place))
  if (wrong !== undefined) {
    throw new ZeroShotError(`The template "${wrong}" has no {} for the class name; write it where the name goes.`)
  }
}

/** The features of texts, row by row. */
function encodeTexts(
  model: Pick<DualEncoder, 'encodeTexts' | 'dimension'>,
  texts: readonly string[],
  encode: (text: string) => Int32Array,
  tokenLength: number,
): Float32Array {
  const features = new Float32Array(texts.length * model.dimension)
  for (let first = 0; first < texts.length; first += textsAtOnce) {
    const part = texts.slice(first, first + textsAtOnce)
    const tokens = new Int32Array(part.length * tokenLength)
    for (const [row, text] of part.entries()) tokens.set(encode(text), row * tokenLength)
    const encoded = tf.tidy(() =>
      model.encodeTexts(tf.tensor2d(tokens, [part.length, tokenLength], 'int32'), inference),
    )
    features.set(encoded.dataSync<'float32'>(), first * model.dimension)
    encoded.dispose()
  }
  return features
}
