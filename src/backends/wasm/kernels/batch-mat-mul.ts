import * as tf from '@tensorflow/tfjs-core'
import type { Heap } from '../heap.ts'

/**
 * Matrix products of any batch, either side transposed or not. The stock kernel is quick for one pair of untransposed
 * matrices only.
 *
 * @returns undefined for batches that would have to be spread against each other, which are the stock kernel's
 */
export function batchMatMul(
  heap: Heap,
  { a, b }: Record<'a' | 'b', tf.TensorInfo>,
  { transposeA, transposeB }: { transposeA: boolean; transposeB: boolean },
): tf.TensorInfo | undefined {
  const [rows, inner] = lastSides(a, transposeA)
  const [, columns] = lastSides(b, transposeB)
  const batchA = a.shape.slice(0, -2)
  const batchB = b.shape.slice(0, -2)
  const [pairsA, pairsB] = [tf.util.sizeFromShape(batchA), tf.util.sizeFromShape(batchB)]
  if (pairsA !== 1 && pairsB !== 1 && !tf.util.arraysEqual(batchA, batchB)) return undefined
  const product = heap.make([...tf.broadcast_util.assertAndGetBroadcastShape(batchA, batchB), rows, columns])
  // A sum of nothing is 0, and the product writes nothing where there is nothing to sum.
  if (inner === 0) heap.arrays(product)[0].fill(0)
  const [left, right, result] = [heap.address(a), heap.address(b), heap.address(product)]
  const [rowA, alongA] = transposeA ? [4, 4 * rows] : [4 * inner, 4]
  const [columnB, alongB] = transposeB ? [4 * inner, 4] : [4, 4 * columns]
  const steps = [pairsA === 1 ? 0 : 4 * rows * inner, pairsB === 1 ? 0 : 4 * inner * columns, 4 * rows * columns]
  const sides = [4 * columns, rows, columns, inner]
  const inputs = [left, rowA, alongA, right, columnB, alongB, result, ...sides, 0, heap.scratch]
  heap.functions.multiplyPairs(Math.max(pairsA, pairsB), ...steps, ...inputs)
  return product
}

/** The rows and columns that the product sees. */
function lastSides({ shape }: tf.TensorInfo, transposed: boolean): [number, number] {
  const [first, second] = shape.slice(-2) as [number, number]
  return transposed ? [second, first] : [first, second]
}
