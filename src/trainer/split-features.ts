import * as tf from '@tensorflow/tfjs-core'
import { ChronogradError } from '../errors/chronograd-error.ts'
import type { DualEncoder } from '../learning/dual-encoder.ts'
import type { LogitParameters } from '../learning/loss/batch-loss.ts'
import type { FeatureMatrix } from '../learning/metrics/feature-matrix.ts'
import { inference } from '../learning/pass.ts'
import type { EvaluationData } from './evaluation-data.ts'

/** What an evaluation needs of a model. */
export type EvaluatedModel = Pick<DualEncoder, 'encodeImages' | 'encodeTexts' | 'dimension'> & LogitParameters

/** What a model makes of a whole split. */
export interface SplitFeatures {
  /** A row for each picture. */
  readonly images: FeatureMatrix
  /** A row for each caption. */
  readonly texts: FeatureMatrix
  /** For each picture what it is called. */
  readonly keys: readonly string[]
  /** For each picture its group: pictures of one group are right answers to each other's captions. */
  readonly groups: Int32Array
  /** The captions as text. */
  readonly captions: readonly string[]
  /** For each caption the row of its picture. */
  readonly pictures: Uint32Array
  /** The captions as the model saw them: `tokenLength` numbers each, negative at padding. */
  readonly tokens: Int32Array
  readonly tokenLength: number
}

/** A split cannot be evaluated. */
export class EvaluationError extends ChronogradError {}

/**
 * Encodes every picture and every caption of a split. The event loop breathes between two batches.
 *
 * @throws EvaluationError where there are no pictures, a picture has no caption, or a caption no picture
 */
export async function encodeSplit(model: EvaluatedModel, data: EvaluationData): Promise<SplitFeatures> {
  const { dimension } = model
  const images: Float32Array[] = []
  const texts: Float32Array[] = []
  const tokens: Int32Array[] = []
  const [keys, groups, captions, pictures]: [string[], number[], string[], number[]] = [[], [], [], []]
  for await (const batch of data.pictureBatches()) {
    const shape: [number, number, number, number] = [batch.size, batch.imageSize, batch.imageSize, 3]
    images.push(read(() => model.encodeImages(tf.tensor4d(batch.images, shape, 'float32'), inference)))
    for (const key of batch.keys) keys.push(key)
    for (const group of batch.groups) groups.push(group)
    await new Promise(setImmediate)
  }
  for await (const batch of data.captionBatches()) {
    const shape: [number, number] = [batch.size, batch.tokenLength]
    texts.push(read(() => model.encodeTexts(tf.tensor2d(batch.tokens, shape, 'int32'), inference)))
    tokens.push(batch.tokens)
    for (const caption of batch.captions) captions.push(caption)
    for (const picture of batch.pictures) pictures.push(picture)
    await new Promise(setImmediate)
  }
  assertWhole(keys, pictures)
  return {
    images: joined(images, dimension),
    texts: joined(texts, dimension),
    keys,
    groups: Int32Array.from(groups),
    captions,
    pictures: Uint32Array.from(pictures),
    tokens: concatenated(Int32Array, tokens),
    tokenLength: tokens.reduce((sum, { length }) => sum + length, 0) / captions.length,
  }
}

/** For each picture the rows of its captions. */
export function captionsOfPictures({ keys, pictures }: Pick<SplitFeatures, 'keys' | 'pictures'>): number[][] {
  const rows = keys.map((): number[] => [])
  for (const [caption, picture] of pictures.entries()) rows[picture]?.push(caption)
  return rows
}

/** For each caption the group of its picture. */
export function captionGroups({ groups, pictures }: Pick<SplitFeatures, 'groups' | 'pictures'>): Int32Array {
  return Int32Array.from(pictures, picture => groups[picture] as number)
}

/** A copy of what `encode` computes; its tensors are let go of. */
function read(encode: () => tf.Tensor2D): Float32Array {
  const features = tf.tidy(encode)
  try {
    // A copy, because the cpu backend hands out the tensor's own array.
    return features.dataSync<'float32'>().slice()
  } finally {
    features.dispose()
  }
}

function joined(parts: readonly Float32Array[], dimension: number): FeatureMatrix {
  const values = concatenated(Float32Array, parts)
  return { values, rows: values.length / dimension, dimension }
}

function concatenated<Numbers extends Float32Array | Int32Array>(
  ArrayOf: new (length: number) => Numbers,
  parts: readonly Numbers[],
): Numbers {
  const all = new ArrayOf(parts.reduce((sum, { length }) => sum + length, 0))
  let offset = 0
  for (const part of parts) {
    all.set(part, offset)
    offset += part.length
  }
  return all
}

function assertWhole(keys: readonly string[], pictures: readonly number[]): void {
  if (keys.length === 0) throw new EvaluationError('The split has no pictures to evaluate on.')
  const described = new Uint8Array(keys.length)
  for (const [caption, picture] of pictures.entries()) {
    if (picture >= keys.length) {
      throw new EvaluationError(
        `Caption ${caption} belongs to picture ${picture}, but the split has ${keys.length} pictures, counted from 0.`,
      )
    }
    described[picture] = 1
  }
  const silent = described.indexOf(0)
  if (silent >= 0) throw new EvaluationError(`Picture ${keys[silent]} has no caption; give it one or leave it out.`)
}
