import type { FeatureMatrix } from './feature-matrix.ts'
import { similarityRows } from './similarity-rows.ts'

/** More rows than this are thinned out evenly first: the cost grows with their square, the answer hardly changes. */
const mostRows = 4096

/**
 * How evenly features of length 1 spread over the sphere (Wang and Isola 2020): the logarithm of the mean, over pairs of
 * different rows, of e^(-2 × squared distance). 0 is collapse to one point; evenly spread features of many dimensions
 * come near -4. `NaN` for fewer than two rows.
 */
export function uniformity(features: FeatureMatrix): number {
  const thinned = thin(features)
  let sum = 0
  for (const { row, scores } of similarityRows(thinned, thinned)) {
    for (let column = 0; column < row; column++) sum += Math.exp(4 * (scores[column] as number) - 4)
  }
  return Math.log(sum / ((thinned.rows * (thinned.rows - 1)) / 2))
}

function thin(features: FeatureMatrix): FeatureMatrix {
  const { values, rows, dimension } = features
  if (rows <= mostRows) return features
  const chosen = new Float32Array(mostRows * dimension)
  for (let index = 0; index < mostRows; index++) {
    const row = Math.floor((index * rows) / mostRows)
    chosen.set(values.subarray(row * dimension, (row + 1) * dimension), index * dimension)
  }
  return { values: chosen, rows: mostRows, dimension }
}
