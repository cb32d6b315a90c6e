import * as tf from '@tensorflow/tfjs-core'
import type { Heap } from '../heap.ts'

/** Computes every number of the result from those at its place in the inputs, which are of one shape. */
export function elementwise(
  heap: Heap,
  name: 'exponentials' | 'reluGradients',
  ...inputs: readonly [tf.TensorInfo, ...tf.TensorInfo[]]
): tf.TensorInfo {
  const result = heap.make(inputs[0].shape)
  const bytes = 4 * tf.util.sizeFromShape(result.shape)
  heap.functions[name](...[...inputs, result].map(heap.address), bytes)
  return result
}

/** t·Φ(t) of t = x + bias, and its slope for the gradient. */
export function gelu(heap: Heap, x: tf.Tensor, bias: tf.Tensor): tf.TensorInfo[] {
  const biased = tf.add(x, bias)
  const outputs = [heap.make(x.shape), heap.make(x.shape)]
  heap.functions.gelus(...[biased, ...outputs].map(heap.address), 4 * x.size)
  tf.dispose(biased)
  return outputs
}
