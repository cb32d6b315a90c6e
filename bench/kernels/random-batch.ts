import type { TrainingBatch } from '../../src/learning/training-batch.ts'
import { Random } from '../../src/random/random.ts'
import type { TimedModel } from './models.ts'

/** Random pictures with random texts, every pair different from the others. */
export function randomBatch({ imageSize, tokenLength, vocabularySize }: TimedModel, size: number): TrainingBatch {
  const random = new Random(7, 'bench')
  return {
    images: Float32Array.from({ length: size * imageSize * imageSize * 3 }, () => 2 * random.uniform() - 1),
    imageSize,
    tokens: Int32Array.from({ length: size * tokenLength }, () => random.integer(vocabularySize)),
    tokenLength,
    groups: Int32Array.from({ length: size }, (_, index) => index),
    size,
  }
}
