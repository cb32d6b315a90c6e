import type { TrainingData } from '../events/training-events.ts'
import { featureRow } from '../learning/metrics/feature-matrix.ts'
import { captionsOfPictures, type SplitFeatures } from './split-features.ts'
import { spread } from './spread.ts'

/** Similarities to look at: some of a split's pairs, and how similar each picture is to each caption. */
export type SampleSimilarities = NonNullable<TrainingData<'evaluation.completed'>['similarities']>

/** So many that a person can still tell one row from another, and that the log grows by some kilobytes only. */
const pairCount = 24

/**
 * The similarities of pictures that are spread evenly over the split, and of a caption of each, to three places. They are
 * the same pairs at every evaluation.
 */
export function sampleSimilarities(features: SplitFeatures): SampleSimilarities {
  const { images, texts, keys, captions } = features
  const captionsOf = captionsOfPictures(features)
  const pairs = spread(images.rows, pairCount).map((picture, place) => {
    const own = captionsOf[picture] as number[]
    return { picture, caption: own[place % own.length] as number }
  })
  return {
    pairs: pairs.map(({ picture, caption }) => ({
      key: keys[picture] as string,
      caption: captions[caption] as string,
    })),
    values: pairs.map(({ picture }) => {
      const row = featureRow(images, picture)
      return pairs.map(({ caption }) => rounded(dot(row, featureRow(texts, caption))))
    }),
  }
}

function dot(one: Float32Array, other: Float32Array): number {
  return one.reduce((sum, value, place) => sum + value * (other[place] as number), 0)
}

/** Without the zero's sign, which means nothing here. */
function rounded(similarity: number): number {
  return Math.round(similarity * 1000) / 1000 + 0
}
