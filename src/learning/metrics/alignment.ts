import { ChronogradError } from '../../errors/chronograd-error.ts'
import { type FeatureMatrix, featureRow } from './feature-matrix.ts'
import { type FeatureMoments, featureMoments } from './feature-moments.ts'

/** How far right pairs stand out in the similarity matrix S of a split's pictures (rows) and texts (columns). */
export interface Alignment {
  /** The mean similarity of right pairs (S's diagonal, where each picture has one text). */
  readonly diagMean: number
  /** The mean similarity of all pairs. */
  readonly simMean: number
  /** diagMean - simMean. */
  readonly alignmentGap: number
  /** (diagMean - mean of the other pairs) / standard deviation of the other pairs; 0 where these are all equal. */
  readonly alignmentSnr: number
}

/** Two feature matrices do not belong together. */
export class AlignmentError extends ChronogradError {}

/** Similarities that vary by less than this are equal as far as float32 can tell. */
const leastVariance = 1e-12

/**
 * Alignment of a split's pictures and texts, exact over all their pairs. The similarity matrix need not be computed: the
 * mean and the variance of all similarities follow from the means and the covariances of both sides.
 *
 * @param pictures for each text the row of its picture
 * @param moments of both sides, where they are known already
 * @throws AlignmentError where a text's picture is not there, or there is no pair but the right ones
 */
export function alignment(
  images: FeatureMatrix,
  texts: FeatureMatrix,
  pictures: Uint32Array,
  moments: { readonly images: FeatureMoments; readonly texts: FeatureMoments } = {
    images: featureMoments(images),
    texts: featureMoments(texts),
  },
): Alignment {
  const pairs = images.rows * texts.rows
  const others = pairs - texts.rows
  if (pictures.length !== texts.rows || others < 1) {
    throw new AlignmentError(
      `Alignment takes texts with a picture each, and two pictures or more, but there are ${images.rows} pictures, ${texts.rows} texts and ${pictures.length} pairs.`,
    )
  }
  const simMean = dot(moments.images.mean, moments.texts.mean)
  let diagonal = 0
  let diagonalSquares = 0
  for (const [text, picture] of pictures.entries()) {
    if (picture >= images.rows) {
      throw new AlignmentError(`Text ${text} belongs to picture ${picture}, but there are ${images.rows}, from 0.`)
    }
    const deviation = dot(featureRow(images, picture), featureRow(texts, text)) - simMean
    diagonal += deviation
    diagonalSquares += deviation ** 2
  }
  // Deviations from the mean of all pairs sum to 0, so those of the other pairs are what the diagonal's leave.
  const otherMean = -diagonal / others
  const squares = variance(moments) * pairs - diagonalSquares
  const otherVariance = squares / others - otherMean ** 2
  const gap = diagonal / texts.rows
  return {
    diagMean: simMean + gap,
    simMean,
    alignmentGap: gap,
    alignmentSnr: otherVariance < leastVariance ? 0 : (gap - otherMean) / Math.sqrt(otherVariance),
  }
}

/** The variance of all similarities: of x·y for every row x of the one side with every row y of the other. */
function variance({ images, texts }: { readonly images: FeatureMoments; readonly texts: FeatureMoments }): number {
  return (
    dot(images.covariance, texts.covariance) +
    quadratic(texts.covariance, images.mean) +
    quadratic(images.covariance, texts.mean)
  )
}

/** vᵀ M v. */
function quadratic(matrix: Float64Array, vector: Float64Array): number {
  const { length } = vector
  let sum = 0
  for (let row = 0; row < length; row++) {
    sum += (vector[row] as number) * dot(matrix.subarray(row * length, (row + 1) * length), vector)
  }
  return sum
}

function dot(one: Float32Array | Float64Array, other: Float32Array | Float64Array): number {
  let sum = 0
  for (let place = 0; place < one.length; place++) sum += (one[place] as number) * (other[place] as number)
  return sum
}
