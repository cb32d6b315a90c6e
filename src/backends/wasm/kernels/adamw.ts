import * as tf from '@tensorflow/tfjs-core'
import type { AdamwAttributes, AdamwInputs } from '../../learning-kernels.ts'
import type { Heap } from '../heap.ts'

/** An update of AdamW, in one pass over each parameter: the new moments, then the new parameters. */
export function adamw(
  heap: Heap,
  { gradient, first, second, ...weights }: AdamwInputs,
  { firstShare, secondShare, epsilon, rates }: AdamwAttributes,
): tf.TensorInfo[] {
  const moments = [heap.make(first.shape), heap.make(second.shape)]
  const parameters = rates.map((_, index) => weights[`weights${index}`] as tf.Tensor)
  const moved = parameters.map(({ shape }) => heap.make(shape))
  const settings = heap.make([rates.length, 5])
  const numbers = rates.flatMap(({ learningRate, kept }) => [firstShare, secondShare, epsilon, learningRate, kept])
  heap.arrays(settings)[0].set(numbers)
  let offset = 0
  for (const [index, parameter] of parameters.entries()) {
    const bytes = 4 * tf.util.sizeFromShape(parameter.shape)
    const piece = (vector: tf.TensorInfo) => heap.address(vector) + offset
    const sources = [...[gradient, first, second].map(piece), heap.address(parameter)]
    const targets = [...moments.map(piece), heap.address(moved[index] as tf.TensorInfo)]
    heap.functions.adamwUpdates(...sources, ...targets, heap.address(settings) + 4 * 5 * index, bytes)
    offset += bytes
  }
  heap.release(settings)
  return [...moments, ...moved]
}
