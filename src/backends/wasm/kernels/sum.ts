import * as tf from '@tensorflow/tfjs-core'
import type { Heap } from '../heap.ts'

/**
 * Sums along axes that are neighbours, in double precision; the stock kernel sums one number after the other in single
 * precision, and lays the tensor out anew first where the axes are not the last ones.
 *
 * @param factor what each sum is multiplied by, in double precision too
 * @returns undefined for what is the stock kernel's: axes that are no neighbours, columns that are no whole vectors
 */
export function sumAlong(
  heap: Heap,
  x: tf.TensorInfo,
  { axes, keepDims }: { axes: readonly number[]; keepDims: boolean },
  factor: (count: number) => number,
): tf.TensorInfo | undefined {
  const first = Math.min(...axes)
  const size = (from: number, end?: number) => tf.util.sizeFromShape(x.shape.slice(from, end))
  const [outer, count, inner] = [size(0, first), size(first, first + axes.length), size(first + axes.length)]
  const neighbours = axes.every(axis => axis < first + axes.length)
  if (x.dtype !== 'float32' || !neighbours || (inner > 1 && inner % 4 !== 0) || count * outer * inner === 0) return
  const sides = keepDims
    ? x.shape.map((side, axis) => (axes.includes(axis) ? 1 : side))
    : x.shape.filter((_, axis) => !axes.includes(axis))
  const sum = heap.make(sides)
  const from = heap.address(x)
  if (inner === 1) {
    heap.functions.rowSums(from, heap.address(sum), outer, 4 * count)
    if (factor(count) !== 1) {
      const [sums] = heap.arrays(sum)
      for (let index = 0; index < sums.length; index++) sums[index] = (sums[index] as number) * factor(count)
    }
    return sum
  }
  const numbers = heap.make([2 * inner + 2])
  heap.arrays(numbers)[0].set(new Float32Array(Float64Array.of(factor(count)).buffer))
  const [where, doubles] = [heap.address(numbers), heap.address(numbers) + 8]
  heap.functions.middleSums(from, heap.address(sum), outer, count, 4 * inner, doubles, where)
  heap.release(numbers)
  return sum
}
