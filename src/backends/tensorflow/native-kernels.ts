import type { LearningKernels } from '../learning-kernels.ts'
import { batchNormalization, batchNormalizationGradient } from './kernels/batch-normalization.ts'
import { embeddingGradient } from './kernels/embedding-gradient.ts'
import { gelu, geluGradient } from './kernels/gelu.ts'
import { layerNormalization, layerNormalizationGradient } from './kernels/layer-normalization.ts'
import { reluGradient } from './kernels/relu-gradient.ts'
import type { NativeBackend } from './native-backend.ts'

/** Learning's kernels as TensorFlow's own operations. */
export function nativeKernels(backend: NativeBackend): LearningKernels {
  return {
    reluGradient: inputs => reluGradient(backend, inputs),
    gelu,
    geluGradient,
    batchNormalization: (inputs, { epsilon }) => batchNormalization(backend, inputs, epsilon),
    batchNormalizationGradient: (inputs, { epsilon }) => batchNormalizationGradient(backend, inputs, epsilon),
    layerNormalization: (inputs, { epsilon }) => layerNormalization(inputs, epsilon),
    layerNormalizationGradient: inputs => layerNormalizationGradient(inputs),
    embeddingGradient: (inputs, { rows }) => embeddingGradient(backend, inputs, rows),
  }
}
