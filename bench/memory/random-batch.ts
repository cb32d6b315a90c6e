import type { Preset } from '../../src/learning/presets.ts'
import type { TrainingBatch } from '../../src/learning/training-batch.ts'
import { Random } from '../../src/random/random.ts'

/** A batch of the preset's sizes that means nothing. */
export function randomBatch({ imageSize, tokenLength, vocabularySize }: Preset, size: number): TrainingBatch {
  const random = new Random(1, 'bench')
  return {
    size,
    images: Float32Array.from({ length: size * imageSize ** 2 * 3 }, () => random.uniform(-1, 1)),
    imageSize,
    tokens: Int32Array.from({ length: size * tokenLength }, () => random.integer(vocabularySize)),
    tokenLength,
    groups: Int32Array.from({ length: size }, (_, sample) => sample),
  }
}
