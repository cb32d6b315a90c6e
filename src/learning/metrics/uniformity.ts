import * as tf from '@tensorflow/tfjs-core'
import { type FeatureMatrix, scaleFeatures } from './feature-matrix.ts'
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
    // For rows of length 1 minus twice the squared distance is four times the similarity, less four.
    scaleFeatures(features, 4),
    features,
    (exponents, { firstRow, firstColumn, rows, columns }) => {
      if (firstRow === firstColumn) {
        const numbers = exponents.dataSync<'float32'>()
        for (let row = 0; row < rows; row++) {
          for (let column = 0; column < row; column++) sum += Math.exp(numbers[row * columns + column] as number)
        }
        return
      }
      for (const rowSum of tf.sum(tf.exp(exponents), 1).dataSync<'float32'>()) sum += rowSum
    },
    // The matrix is symmetric: one half of it says everything.
    { ...options, wanted: ({ firstRow, firstColumn }) => firstRow <= firstColumn },
  )
  return Math.log(sum / ((features.rows * (features.rows - 1)) / 2)) - 4
}
