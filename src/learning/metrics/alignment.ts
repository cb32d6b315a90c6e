import { ChronogradError } from '../../errors/chronograd-error.ts'
import type { FeatureMatrix } from './feature-matrix.ts'
import { similarityRows } from './similarity-rows.ts'

/** How far right pairs stand out in the similarity matrix of a split's pictures (rows) and texts (columns). */
export interface Alignment {
  /** The mean similarity of right pairs (the matrix's diagonal). */
  readonly diagMean: number
  /** The mean similarity of all pairs. */
  readonly simMean: number
  /** diagMean - simMean. */
  readonly alignmentGap: number
  /** (diagMean - mean off the diagonal) / standard deviation off the diagonal; 0 where all similarities are equal. */
  readonly alignmentSnr: number
}

/** Two feature matrices do not belong together. */
export class AlignmentError extends ChronogradError {}

/**
 * Alignment of pictures and texts whose rows are pairs.
 *
 * @throws AlignmentError when there are fewer than two pairs, or not as many pictures as texts
 */
export function alignment(images: FeatureMatrix, texts: FeatureMatrix): Alignment {
  const { rows } = images
  if (rows !== texts.rows || rows < 2) {
    throw new AlignmentError(
      `Alignment takes two pairs or more, but there are ${rows} pictures and ${texts.rows} texts.`,
    )
  }
  let diagonal = 0
  let others = 0
  // Deviations are summed about the first other similarity, so that nearly equal ones do not cancel to nothing.
  let origin: number | undefined
  let squares = 0
  for (const { row, scores } of similarityRows(images, texts)) {
    for (let column = 0; column < rows; column++) {
      const score = scores[column] as number
      if (column === row) {
        diagonal += score
        continue
      }
      origin ??= score
      others += score - origin
      squares += (score - origin) ** 2
    }
  }
  const count = rows * (rows - 1)
  const diagMean = diagonal / rows
  const shift = others / count
  const otherMean = (origin ?? 0) + shift
  const deviation = Math.sqrt(Math.max(0, squares / count - shift ** 2))
  const simMean = (diagonal + otherMean * count) / (rows * rows)
  return {
    diagMean,
    simMean,
    alignmentGap: diagMean - simMean,
    alignmentSnr: deviation === 0 ? 0 : (diagMean - otherMean) / deviation,
  }
}
