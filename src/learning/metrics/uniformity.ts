import * as tf from '@tensorflow/tfjs-core'
import type { FeatureMatrix } from './feature-matrix.ts'
import { type BlockOptions, visitSimilarities } from './similarity-blocks.ts'

/**
 * How evenly features of length 1 spread over the sphere (Wang and Isola 2020): the logarithm of the mean, over all pairs
 * of different rows, of e^(-2 × squared distance). 0 is collapse to one point; evenly spread features of many dimensions
 * come near -4. `NaN` for fewer than two rows.
 */
export async function uniformity(
  features: FeatureMatrix,
  options: Pick<BlockOptions, 'blockSize'> = {},
): Promise<number> {
  let sum = 0
  await visitSimilarities(
    features,
    features,
    (similarities, { firstRow, firstColumn, rows, columns }) => {
      if (firstRow === firstColumn) {
        const scores = similarities.dataSync<'float32'>()
        for (let row = 0; row < rows; row++) {
          for (let column = 0; column < row; column++) sum += potential(scores[row * columns + column] as number)
        }
        return
      }
      const potentials = tf.exp(tf.sub(tf.mul(similarities, 4), 4))
      for (const rowSum of tf.sum(potentials, 1).dataSync<'float32'>()) sum += rowSum
    },
    // The matrix is symmetric: one half of it says everything.
    { ...options, wanted: ({ firstRow, firstColumn }) => firstRow <= firstColumn },
  )
  return Math.log(sum / ((features.rows * (features.rows - 1)) / 2))
}

/** e^(-2 × squared distance), which for rows of length 1 follows from their similarity. */
function potential(similarity: number): number {
  return Math.exp(4 * similarity - 4)
}
