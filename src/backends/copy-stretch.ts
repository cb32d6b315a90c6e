import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'

/** TensorFlow takes a slice without a copy where its bounds are multiples of this many numbers: 64 bytes of float32. */
const aligned = 16

/** Whether the backend gives values in new memory only, so that it is best taken as it is. */
export function givesNewMemory(): boolean {
  return tf.getBackend() === 'tensorflow'
}

/** Whether the backend makes a tensor's memory of what it is given, for as long as there is the tensor. */
export function keepsGivenMemory(): boolean {
  return tf.getBackend() === 'cpu'
}

/**
 * Copies a stretch of a float32 vector's values to JavaScript, without the rest.
 *
 * @param vector a vector on the current backend
 * @param from the first value
 * @param target as many values as are wanted
 */
export function copyStretch(vector: tf.Tensor1D, from: number, target: Float32Array): void {
  // The wasm backend's slice would copy the whole vector out first, but its memory can be looked into.
  const values =
    tf.getBackend() === 'wasm'
      ? heapOf(vector).subarray(from, from + target.length)
      : readStretch(vector, from, target.length)
  target.set(values)
}

/**
 * A stretch of a float32 vector's values as the backend gives them: in new memory, which is the caller's, where it
 * {@link givesNewMemory}, and otherwise only to be looked at.
 */
export function readStretch(vector: tf.Tensor1D, from: number, count: number): Float32Array<ArrayBuffer> {
  const begin = from - (from % aligned)
  const end = Math.min(Math.ceil((from + count) / aligned) * aligned, vector.size)
  return slice(vector, begin, end - begin).subarray(from - begin, from - begin + count)
}

function heapOf(vector: tf.Tensor1D): Float32Array {
  const backend = tf.backend() as BackendWasm
  // A vector that another backend holds is fetched on first touch, which may move the heap: touch it, then look.
  backend.dataIdMap.get(vector.dataId)
  return backend.typedArrayFromHeap(vector) as Float32Array
}

function slice(vector: tf.Tensor1D, from: number, count: number): Float32Array<ArrayBuffer> {
  if (count === vector.size) return vector.dataSync<'float32'>() as Float32Array<ArrayBuffer>
  const stretch = tf.slice1d(vector, from, count)
  const values = stretch.dataSync<'float32'>() as Float32Array<ArrayBuffer>
  stretch.dispose()
  return values
}
