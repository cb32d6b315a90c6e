import type { FeatureMatrix } from './feature-matrix.ts'
import { visitSimilarities } from './similarity-blocks.ts'

/** A candidate that a query found. */
export interface Neighbour {
  /** The candidate's row. */
  readonly row: number
  readonly similarity: number
}

/**
 * For each query the `count` candidates most similar to it, best first; of equals the one with the lower row. Similarities
 * that are NaN come last.
 */
export async function nearest(
  queries: FeatureMatrix,
  candidates: FeatureMatrix,
  count: number,
): Promise<readonly (readonly Neighbour[])[]> {
  const found = Array.from({ length: queries.rows }, (): Neighbour[] => [])
  await visitSimilarities(queries, candidates, (similarities, { firstRow, rows, firstColumn, columns }) => {
    const scores = similarities.dataSync<'float32'>()
    for (let row = 0; row < rows; row++) {
      const list = found[firstRow + row] as Neighbour[]
      for (let column = 0; column < columns; column++) {
        const similarity = scores[row * columns + column] as number
        if (list.length === count && !isBetter(similarity, list.at(-1))) continue
        const place = list.findIndex(other => isBetter(similarity, other))
        list.splice(place < 0 ? list.length : place, 0, { row: firstColumn + column, similarity })
        if (list.length > count) list.pop()
      }
    }
  })
  return found
}

function isBetter(similarity: number, other: Neighbour | undefined): boolean {
  if (other === undefined) return false
  return similarity > other.similarity || (Number.isNaN(other.similarity) && !Number.isNaN(similarity))
}
