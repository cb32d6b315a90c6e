import type { TrainingData } from '../events/training-events.ts'
import { takeRows } from '../learning/metrics/feature-matrix.ts'
import { nearest } from '../learning/metrics/nearest.ts'
import { captionsOfPictures, type SplitFeatures } from './split-features.ts'
import { spread } from './spread.ts'

/** Retrievals to look at: for some texts the pictures nearest to them, and for some pictures the captions. */
export type SampleRetrievals = Pick<TrainingData<'evaluation.completed'>, 'samples' | 'pictureSamples'>

/** How many queries are shown each way, and how many answers to each. */
const queryCount = 12
const nearestCount = 5

/**
 * The nearest neighbours of pictures that are spread evenly over the split, and of one caption of each: of the first
 * picture the first, of the second the second, and so on. They are the same at every evaluation.
 */
export async function sampleRetrievals(features: SplitFeatures): Promise<SampleRetrievals> {
  const { images, texts, keys, groups, captions, pictures } = features
  const pictureOf = (caption: number) => pictures[caption] as number
  const isRight = (one: number, other: number) => groups[one] === groups[other]
  const keyOf = (picture: number) => keys[picture] as string

  const askingPictures = spread(images.rows, queryCount)
  const captionsOf = captionsOfPictures(features)
  const askingTexts = askingPictures.map((picture, query) => {
    const own = captionsOf[picture] as number[]
    return own[query % own.length] as number
  })
  const foundPictures = await nearest(takeRows(texts, askingTexts), images, nearestCount)
  const samples = askingTexts.map((caption, query) => ({
    query: captions[caption] as string,
    key: keyOf(pictureOf(caption)),
    nearest: (foundPictures[query] ?? []).map(({ row, similarity }) => ({
      key: keyOf(row),
      similarity,
      right: isRight(row, pictureOf(caption)),
    })),
  }))

  const foundCaptions = await nearest(takeRows(images, askingPictures), texts, nearestCount)
  const pictureSamples = askingPictures.map((picture, query) => ({
    key: keyOf(picture),
    nearest: (foundCaptions[query] ?? []).map(({ row, similarity }) => ({
      caption: captions[row] as string,
      key: keyOf(pictureOf(row)),
      similarity,
      right: isRight(pictureOf(row), picture),
    })),
  }))
  return { samples, pictureSamples }
}
