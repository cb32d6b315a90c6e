import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'

/** How many numbers TensorFlow is asked for at a time: 16 MiB of them. It gives them in memory of their own. */
const portion = 4 * 2 ** 20

/** TensorFlow takes a slice without a copy where its bounds are multiples of this many numbers: 64 bytes of float32. */
const aligned = 16

/**
 * Copies a stretch of a float32 vector's values to JavaScript without the rest.
 *
 * @param vector a vector on the current backend
 * @param from the first value
 * @param target as many values as are wanted
 */
export function copyStretch(vector: tf.Tensor1D, from: number, target: Float32Array): void {
  switch (tf.getBackend()) {
    // The wasm backend's slice would copy the whole vector out first, but its memory can be looked into.
    case 'wasm':
      target.set(heapOf(vector).subarray(from, from + target.length))
      break
    // The cpu backend's slice shows its own memory.
    case 'cpu':
      target.set(slice(vector, from, target.length))
      break
    default:
      for (let at = 0; at < target.length; ) {
        const place = from + at
        const begin = place - (place % aligned)
        const wanted = Math.ceil((from + target.length) / aligned) * aligned
        const end = Math.min(begin + portion, wanted, vector.size)
        const values = slice(vector, begin, end - begin).subarray(place - begin, from + target.length - begin)
        target.set(values, at)
        at += values.length
      }
  }
}

function heapOf(vector: tf.Tensor1D): Float32Array {
  const backend = tf.backend() as BackendWasm
  // A vector that another backend holds is fetched on first touch, which may move the heap: touch it, then look.
  backend.dataIdMap.get(vector.dataId)
  return backend.typedArrayFromHeap(vector) as Float32Array
}

function slice(vector: tf.Tensor1D, from: number, count: number): Float32Array {
  if (count === vector.size) return vector.dataSync<'float32'>()
  const stretch = tf.slice1d(vector, from, count)
  const values = stretch.dataSync<'float32'>()
  stretch.dispose()
  return values
}
