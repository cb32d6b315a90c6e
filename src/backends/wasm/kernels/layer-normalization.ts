import type * as tf from '@tensorflow/tfjs-core'
import type { Heap } from '../heap.ts'
import { columnSumsOf } from './column-sums.ts'

type Tensors<Names extends string> = Readonly<Record<Names, tf.TensorInfo>>

/** The forward pass over rows of whole vectors: y, the rows before gain and bias, and one over each row's deviation. */
export function layerNormalization(
  heap: Heap,
  { x, gain, bias }: Tensors<'x' | 'gain' | 'bias'>,
  epsilon: number,
): tf.TensorInfo[] {
  const [rows, features] = x.shape as [number, number]
  const outputs = [heap.make(x.shape), heap.make(x.shape), heap.make([rows, 1])]
  const numbers = heap.make([2])
  heap.arrays(numbers)[0].set([1 / features, epsilon])
  const addresses = [x, ...outputs].map(heap.address)
  heap.functions.normalizeRows(...addresses, rows, 4 * features, ...[gain, bias, numbers].map(heap.address))
  heap.release(numbers)
  return outputs
}

/** The gradients with respect to x, gain and bias. */
export function layerNormalizationGradient(
  heap: Heap,
  inputs: Tensors<'dy' | 'kept' | 'statistics' | 'gain'>,
): tf.TensorInfo[] {
  const { dy, kept: normalized, statistics: inverseDeviation, gain } = inputs
  const [rows, features] = normalized.shape as [number, number]
  const dx = heap.make(normalized.shape)
  const numbers = heap.make([1 + features])
  heap.arrays(numbers)[0].fill(0)[0] = 1 / features
  const addresses = [dy, normalized, inverseDeviation, dx].map(heap.address)
  heap.functions.normalizeRowsGradient(...addresses, rows, 4 * features, heap.address(gain), heap.address(numbers))
  const zeros = heap.address(numbers) + 4
  const [biasSums, gainSums] = columnSumsOf(heap, features, 2, sums =>
    heap.functions.slopeMoments(heap.address(dy), heap.address(normalized), rows, 4 * features, sums, zeros),
  ) as [Float64Array, Float64Array]
  heap.release(numbers)
  const gradients = [gainSums, biasSums].map(sums => {
    const gradient = heap.make([features])
    heap.arrays(gradient)[0].set(sums)
    return gradient
  })
  return [dx, ...gradients]
}
