import { createDualEncoder, type DualEncoder } from '../../src/learning/dual-encoder.ts'
import { type DualEncoderConfigInput, dualEncoderConfig } from '../../src/learning/dual-encoder-config.ts'
import type { TrainingBatch } from '../../src/learning/training-batch.ts'
import { Random } from '../../src/random/random.ts'

export const tinyVocabulary = 12
export const tinyTokenLength = 4
export const tinyImageSize = 8

/** A dual encoder of a few thousand weights, for pictures of 8×8 and texts of up to 4 of 12 words. */
export function tinyModel(
  seed = 1,
  text: DualEncoderConfigInput['text'] = { kind: 'bag-of-words', width: 8, hidden: [8] },
): DualEncoder {
  const config = dualEncoderConfig.parse({
    dimension: 8,
    image: { kind: 'convolutional', stem: { channels: 4, stride: 2 }, stages: [{ channels: 8 }] },
    text,
  })
  return createDualEncoder(config, {
    seed,
    vocabularySize: tinyVocabulary,
    tokenLength: tinyTokenLength,
    imageSize: tinyImageSize,
  })
}

/** Random pictures with random texts, each its own group; the same for the same seed. */
export function tinyBatch(size: number, seed = 1): TrainingBatch {
  const random = new Random(seed, 'bench')
  return {
    images: Float32Array.from({ length: size * tinyImageSize ** 2 * 3 }, () => random.uniform(-1, 1)),
    imageSize: tinyImageSize,
    // Between one and all of the places hold a word; padding follows.
    tokens: Int32Array.from({ length: size * tinyTokenLength }, (_, place) =>
      place % tinyTokenLength > (place / tinyTokenLength) % tinyTokenLength ? -1 : random.integer(tinyVocabulary),
    ),
    tokenLength: tinyTokenLength,
    groups: Int32Array.from({ length: size }, (_, sample) => sample),
    size,
  }
}
