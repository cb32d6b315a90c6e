import * as tf from '@tensorflow/tfjs-core'
import type { ArrayAccess } from './array-access.ts'

/**
 * Sums rows by segment: row i of `x` is added to row `segments[i]` of the result, in the order of i. Rows whose segment
 * is negative are left out, as TensorFlow leaves them out.
 *
 * @param x [count, ...]
 * @param segments int32 [count]
 * @param count the number of rows of the result
 */
export function segmentSum(
  access: ArrayAccess,
  x: tf.TensorInfo,
  segments: tf.TensorInfo,
  count: number,
): tf.TensorInfo {
  const rowShape = x.shape.slice(segments.shape.length)
  const size = tf.util.sizeFromShape(rowShape)
  const sum = access.make([count, ...rowShape])
  const rows = access.integers(segments)
  const [xs, sums] = access.arrays(x, sum)
  sums.fill(0)
  for (const [index, row] of rows.entries()) {
    if (row < 0) continue
    for (let feature = 0; feature < size; feature++) {
      const place = row * size + feature
      sums[place] = (sums[place] as number) + (xs[index * size + feature] as number)
    }
  }
  return sum
}
