import * as tf from '@tensorflow/tfjs-core'
import type { Heap } from '../heap.ts'

/** A box out of a float32 tensor, copied line by line; the stock kernels copy the whole tensor first, for each piece. */
export function slice(heap: Heap, x: tf.TensorInfo, begin: readonly number[], size: number[]): tf.TensorInfo {
  const piece = heap.make(size)
  const [from, to] = heap.arrays(x, piece)
  // Axes that are taken whole from some axis on make up one line with it.
  let axis = x.shape.length - 1
  while (axis > 0 && size[axis] === x.shape[axis]) axis--
  const line = tf.util.sizeFromShape(size.slice(Math.max(axis, 0)))
  if (to.length === 0) return piece
  const strides = [...tf.util.computeStrides(x.shape), 1]
  const places = size.slice(0, Math.max(axis, 0))
  const start = begin.reduce((sum, place, index) => sum + place * (strides[index] as number), 0)
  const at = places.map(() => 0)
  for (let target = 0; target < to.length; target += line) {
    const source = at.reduce((sum, place, index) => sum + place * (strides[index] as number), start)
    to.set(from.subarray(source, source + line), target)
    for (let index = at.length - 1; index >= 0; index--) {
      at[index] = (at[index] as number) + 1
      if ((at[index] as number) < (places[index] as number)) break
      at[index] = 0
    }
  }
  return piece
}
