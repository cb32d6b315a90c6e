import * as tf from '@tensorflow/tfjs-core'
import type { Heap } from '../heap.ts'

/** Reverses a float32 tensor along its first `count` axes. */
export function reverseLines(heap: Heap, x: tf.TensorInfo, count: number): tf.TensorInfo {
  const reversed = heap.make(x.shape)
  const [from, to] = heap.arrays(x, reversed)
  const line = tf.util.sizeFromShape(x.shape.slice(count))
  for (let start = 0; start < to.length; start += line) {
    to.set(from.subarray(start, start + line), to.length - line - start)
  }
  return reversed
}
