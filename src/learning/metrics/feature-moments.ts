import * as tf from '@tensorflow/tfjs-core'
import type { FeatureMatrix } from './feature-matrix.ts'

/** Where features lie, and how they vary. */
export interface FeatureMoments {
  /** The mean of the rows: `dimension` numbers. */
  readonly mean: Float64Array
  /** The covariance of the dimensions over the rows: `dimension` × `dimension` numbers, divided by the number of rows. */
  readonly covariance: Float64Array
  readonly dimension: number
}

const rowsAtOnce = 1024

/**
 * The mean and the covariance of a split's features. Products are summed in float32 within a thousand rows and in float64
 * beyond.
 *
 * @param features at least one row
 */
export function featureMoments(features: FeatureMatrix): FeatureMoments {
  const { rows, dimension } = features
  const mean = meanRow(features)
  const covariance = new Float64Array(dimension * dimension)
  for (let first = 0; first < rows; first += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, rows - first)
    const products = tf.tidy(() => {
      const centred = tf.tensor2d(centredRows(features, mean, first, count), [count, dimension], 'float32')
      return tf.matMul(centred, centred, true, false)
    })
    for (const [place, product] of products.dataSync<'float32'>().entries()) {
      covariance[place] = (covariance[place] as number) + product / rows
    }
    products.dispose()
  }
  return { mean, covariance, dimension }
}

function meanRow({ values, rows, dimension }: FeatureMatrix): Float64Array {
  const mean = new Float64Array(dimension)
  for (let row = 0; row < rows; row++) {
    for (let axis = 0; axis < dimension; axis++) {
      mean[axis] = (mean[axis] as number) + (values[row * dimension + axis] as number)
    }
  }
  return mean.map(sum => sum / rows)
}

function centredRows({ values, dimension }: FeatureMatrix, mean: Float64Array, first: number, count: number) {
  return values
    .subarray(first * dimension, (first + count) * dimension)
    .map((value, place) => value - (mean[place % dimension] as number))
}
