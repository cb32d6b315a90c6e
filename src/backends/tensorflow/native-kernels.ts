import { composedKernels } from '../composed/composed-kernels.ts'
import type { LearningKernels } from '../learning-kernels.ts'
import { batchNormalization, batchNormalizationGradient } from './kernels/batch-normalization.ts'
import { embeddingGradient } from './kernels/embedding-gradient.ts'
import { reluGradient } from './kernels/relu-gradient.ts'
import type { NativeBackend } from './native-backend.ts'
import { ownKernels } from './own-kernels.ts'

/**
 * Learning's kernels as TensorFlow's own operations and, where they are there, as ours.
 *
 * @param hasOwnOperations whether the binding was compiled with the operations in `native/`
 */
export function nativeKernels(backend: NativeBackend, hasOwnOperations: boolean): LearningKernels {
  return {
    ...composedKernels,
    reluGradient: inputs => reluGradient(backend, inputs),
    batchNormalization: (inputs, { epsilon }) => batchNormalization(backend, inputs, epsilon),
    batchNormalizationGradient: (inputs, { epsilon }) => batchNormalizationGradient(backend, inputs, epsilon),
    embeddingGradient: (inputs, { rows }) => embeddingGradient(backend, inputs, rows),
    ...(hasOwnOperations ? ownKernels(backend) : {}),
  }
}
