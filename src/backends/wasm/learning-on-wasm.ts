import * as tf from '@tensorflow/tfjs-core'
import type { LearningKernels } from '../learning-kernels.ts'
import { loopKernels } from '../loops/loop-kernels.ts'
import type { Heap } from './heap.ts'
import { adamw } from './kernels/adamw.ts'
import { attention, attentionGradient } from './kernels/attention.ts'
import { batchNormalization, batchNormalizationGradient } from './kernels/batch-normalization.ts'
import { elementwise, gelu } from './kernels/elementwise.ts'
import { layerNormalization, layerNormalizationGradient } from './kernels/layer-normalization.ts'

/** Learning's kernels in WebAssembly, four numbers at a time, and as loops where there are no whole fours. */
export function learningOnWasm(heap: Heap): LearningKernels {
  const loops = loopKernels(heap)
  const inFours = ({ size }: { size: number }) => size % 4 === 0
  return {
    ...loops,
    reluGradient: ({ dy, y }) => elementwise(heap, 'reluGradients', dy, y),
    gelu: ({ x, bias }) => gelu(heap, x, bias),
    // The stock product of two tensors is as quick as memory.
    geluGradient: ({ dy, kept }) => {
      const dx = tf.mul(dy, kept)
      return [dx, tf.sum(dx, 0)]
    },
    attention: (inputs, shape) => attention(heap, inputs, shape),
    attentionGradient: (inputs, shape) => attentionGradient(heap, inputs, shape),
    adamw: (inputs, attributes) => adamw(heap, inputs, attributes),
    batchNormalization: (inputs, attributes) =>
      inFours(inputs.gain)
        ? batchNormalization(heap, inputs, attributes.epsilon)
        : loops.batchNormalization(inputs, attributes),
    batchNormalizationGradient: (inputs, attributes) =>
      inFours(inputs.gain)
        ? batchNormalizationGradient(heap, inputs)
        : loops.batchNormalizationGradient(inputs, attributes),
    layerNormalization: (inputs, attributes) =>
      inFours(inputs.gain)
        ? layerNormalization(heap, inputs, attributes.epsilon)
        : loops.layerNormalization(inputs, attributes),
    layerNormalizationGradient: inputs =>
      inFours(inputs.gain) ? layerNormalizationGradient(heap, inputs) : loops.layerNormalizationGradient(inputs),
  }
}
