import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'

/**
 * A stretch of a float32 vector's values, brought to JavaScript without the rest. On the cpu backend it may be a view of
 * the tensor's own memory, so it is only to be read.
 *
 * @param vector a vector on the current backend
 * @param count how many values, at least one
 */
export function readStretch(vector: tf.Tensor1D, from: number, count: number): Float32Array {
  // The wasm backend's slice would copy the whole vector out first, but its reading takes bounds.
  if (tf.getBackend() === 'wasm') {
    return (tf.backend() as BackendWasm).readSync(vector.dataId, from, from + count) as Float32Array
  }
  const stretch = tf.slice1d(vector, from, count)
  const values = stretch.dataSync<'float32'>()
  stretch.dispose()
  return values
}
