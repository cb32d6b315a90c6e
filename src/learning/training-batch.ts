import * as tf from '@tensorflow/tfjs-core'
import { ChronogradError } from '../errors/chronograd-error.ts'

/** What one step learns from: decoded pictures and encoded texts, one of each per sample. */
export interface TrainingBatch {
  /** `size` × `imageSize` × `imageSize` × 3 numbers in [-1, 1], rows first. */
  readonly images: Float32Array
  /** Side of the square pictures in pixels. */
  readonly imageSize: number
  /** `size` × `tokenLength` token numbers, negative at padding. */
  readonly tokens: Int32Array
  readonly tokenLength: number
  /** One number per sample; samples with the same number are right answers to each other. */
  readonly groups: Int32Array
  /** How many samples there are. */
  readonly size: number
}

/** A batch's arrays do not fit each other. */
export class BatchError extends ChronogradError {}

/**
 * A batch's pictures, float32 [size, imageSize, imageSize, 3], and texts, int32 [size, tokenLength].
 *
 * @throws BatchError when an array is not as long as the batch's sizes say
 */
export function batchTensors(batch: TrainingBatch): { images: tf.Tensor4D; tokens: tf.Tensor2D } {
  const { images, imageSize, tokens, tokenLength, groups, size } = batch
  const lengths = [
    ['image numbers', images.length, size * imageSize * imageSize * 3],
    ['tokens', tokens.length, size * tokenLength],
    ['groups', groups.length, size],
  ] as const
  for (const [what, actual, wanted] of lengths) {
    if (actual !== wanted)
      throw new BatchError(`A batch of ${size} samples takes ${wanted} ${what}, but has ${actual}.`)
  }
  return {
    images: tf.tensor4d(images, [size, imageSize, imageSize, 3], 'float32'),
    tokens: tf.tensor2d(tokens, [size, tokenLength], 'int32'),
  }
}

/** Some of a batch's samples in a row, fewer where the batch ends. Its arrays are views of the batch's. */
export function batchPart(batch: TrainingBatch, first: number, count: number): TrainingBatch {
  const { images, imageSize, tokens, tokenLength, groups, size } = batch
  const end = Math.min(first + count, size)
  const picture = imageSize * imageSize * 3
  return {
    images: images.subarray(first * picture, end * picture),
    imageSize,
    tokens: tokens.subarray(first * tokenLength, end * tokenLength),
    tokenLength,
    groups: groups.subarray(first, end),
    size: end - first,
  }
}
