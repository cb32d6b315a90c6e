import * as tf from '@tensorflow/tfjs-core'
import type { LearningKernels } from '../learning-kernels.ts'
import { loopKernels } from '../loops/loop-kernels.ts'
import type { Heap } from './heap.ts'
import { adamw } from './kernels/adamw.ts'
import { batchNormalization, batchNormalizationGradient } from './kernels/batch-normalization.ts'
import { elementwise, gelu } from './kernels/elementwise.ts'
import { mergeHeads, splitHeads } from './kernels/heads.ts'
import { layerNormalization, layerNormalizationGradient } from './kernels/layer-normalization.ts'
import { softmax, softmaxGradient } from './kernels/softmax.ts'

/** Learning's kernels in WebAssembly, four numbers at a time, and as loops where there are no whole fours. */
export function learningOnWasm(heap: Heap): LearningKernels {
  const loops = loopKernels(heap)
  const inFours = ({ size }: { size: number }) => size % 4 === 0
  return {
    ...loops,
    reluGradient: ({ dy, y }) => elementwise(heap, 'reluGradients', dy, y),
    gelu: ({ x }) => gelu(heap, x),
    // The stock product of two tensors is as quick as memory.
    geluGradient: ({ dy, kept }) => tf.mul(dy, kept),
    softmax: ({ x }, { scale }) => softmax(heap, x, scale),
    softmaxGradient: (inputs, { scale }) => softmaxGradient(heap, inputs, scale),
    splitHeads: ({ x }, attributes) => splitHeads(heap, x, attributes),
    mergeHeads: ({ queries, keys, values }) => mergeHeads(heap, [queries, keys, values]),
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
