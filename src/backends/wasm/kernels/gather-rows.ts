import * as tf from '@tensorflow/tfjs-core'
import type { Heap } from '../heap.ts'

/** The rows of a float32 table [rows, ...] at int32 indices of any shape. */
export function gatherRows(heap: Heap, table: tf.TensorInfo, indices: tf.TensorInfo): tf.TensorInfo {
  const [rows = 0, ...rowShape] = table.shape
  const gathered = heap.make([...indices.shape, ...rowShape])
  const wanted = heap.integers(indices)
  const [from, to] = heap.arrays(table, gathered)
  const size = tf.util.sizeFromShape(rowShape)
  for (let index = 0; index < wanted.length; index++) {
    const row = wanted[index] as number
    if (row < 0 || row >= rows) throw new Error(`There is no row ${row} in a table of ${rows} rows.`)
    to.set(from.subarray(row * size, (row + 1) * size), index * size)
  }
  return gathered
}
