import { composedKernels } from '../composed/composed-kernels.ts'
import type { LearningKernels } from '../learning-kernels.ts'
import type { ArrayAccess } from './array-access.ts'
import { batchNormalization, batchNormalizationGradient } from './batch-normalization.ts'
import { gelu, geluGradient } from './gelu.ts'
import { layerNormalization, layerNormalizationGradient } from './layer-normalization.ts'
import { reluGradient } from './relu-gradient.ts'
import { segmentSum } from './segment-sum.ts'

/** Learning's kernels as loops, for a backend whose numbers JavaScript can reach. */
export function loopKernels(access: ArrayAccess): LearningKernels {
  return {
    ...composedKernels,
    reluGradient: ({ dy, y }) => reluGradient(access, dy, y),
    gelu: ({ x, bias }) => gelu(access, x, bias),
    geluGradient: ({ dy, kept }) => geluGradient(access, dy, kept),
    batchNormalization: (inputs, { epsilon }) => batchNormalization(access, inputs, epsilon),
    batchNormalizationGradient: inputs => batchNormalizationGradient(access, inputs),
    layerNormalization: (inputs, { epsilon }) => layerNormalization(access, inputs, epsilon),
    layerNormalizationGradient: inputs => layerNormalizationGradient(access, inputs),
    embeddingGradient: ({ dy, indices }, { rows }) => segmentSum(access, dy, indices, rows),
  }
}
