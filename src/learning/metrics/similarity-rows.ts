import * as tf from '@tensorflow/tfjs-core'
import type { FeatureMatrix } from './feature-matrix.ts'

const rowsAtOnce = 256

/**
 * Each row of the similarity matrix of two feature matrices (dot products: cosine similarities for rows of length 1).
 * The matrix is computed a few rows at a time and never held whole, so a split may be large. A row yielded is
 * valid until the next.
 */
export function* similarityRows(
  from: FeatureMatrix,
  to: FeatureMatrix,
): Generator<{ row: number; scores: Float32Array }> {
  const right = tf.tensor2d(to.values, [to.rows, to.dimension], 'float32')
  try {
    for (let start = 0; start < from.rows; start += rowsAtOnce) {
      const rows = Math.min(rowsAtOnce, from.rows - start)
      const chunk = from.values.subarray(start * from.dimension, (start + rows) * from.dimension)
      const product = tf.tidy(() =>
        tf.matMul(tf.tensor2d(chunk, [rows, from.dimension], 'float32'), right, false, true),
      )
      const scores = product.dataSync<'float32'>()
      try {
        for (let row = 0; row < rows; row++) {
          yield { row: start + row, scores: scores.subarray(row * to.rows, (row + 1) * to.rows) }
        }
      } finally {
        product.dispose()
      }
    }
  } finally {
    right.dispose()
  }
}
