import * as tf from '@tensorflow/tfjs-core'
import type { Heap } from '../heap.ts'

/** Calls a function for the rows of tensors of one shape, the last of which it makes. */
function alongRows(
  heap: Heap,
  name: 'softmaxRows' | 'softmaxRowsGradient',
  inputs: readonly [tf.TensorInfo, ...tf.TensorInfo[]],
  scale: number,
): tf.TensorInfo {
  const { shape } = inputs[0]
  const columns = shape.at(-1) ?? 1
  const result = heap.make(shape)
  const numbers = heap.make([1])
  heap.arrays(numbers)[0][0] = scale
  const rows = columns === 0 ? 0 : tf.util.sizeFromShape(shape) / columns
  heap.functions[name](...[...inputs, result].map(heap.address), rows, 4 * columns, heap.address(numbers))
  heap.release(numbers)
  return result
}

/** The softmax of scale·x over the last axis. */
export function softmax(heap: Heap, x: tf.TensorInfo, scale: number): tf.TensorInfo {
  return alongRows(heap, 'softmaxRows', [x], scale)
}

/** The gradient of x; y is the softmax. */
export function softmaxGradient(
  heap: Heap,
  { dy, y }: Readonly<Record<'dy' | 'y', tf.TensorInfo>>,
  scale: number,
): tf.TensorInfo {
  return alongRows(heap, 'softmaxRowsGradient', [dy, y], scale)
}
