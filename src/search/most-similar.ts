import { type FeatureMatrix, featureRow } from '../learning/metrics/feature-matrix.ts'
import type { Neighbour } from '../learning/metrics/nearest.ts'

/**
 * The `count` rows that are most similar to a query, best first; of equals the one with the lower row, and what is no
 * number last. It needs no backend: a single query has no use for one.
 *
 * @param query as many numbers as the rows have, of length 1
 */
export function mostSimilar(query: Float32Array, candidates: FeatureMatrix, count: number): Neighbour[] {
  const found = Array.from({ length: candidates.rows }, (_, row) => ({
    row,
    similarity: dot(query, featureRow(candidates, row)),
  }))
  return found.sort((one, other) => placeOf(other) - placeOf(one) || one.row - other.row).slice(0, count)
}

function placeOf({ similarity }: Neighbour): number {
  return Number.isNaN(similarity) ? Number.NEGATIVE_INFINITY : similarity
}

function dot(one: Float32Array, other: Float32Array): number {
  let sum = 0
  for (let place = 0; place < one.length; place++) sum += (one[place] as number) * (other[place] as number)
  return sum
}
