import type { LearningKernels } from '../learning-kernels.ts'
import { adamw } from './adamw.ts'
import { attention, attentionGradient } from './attention.ts'
import { gelu, geluGradient } from './gelu.ts'
import { layerNormalization, layerNormalizationGradient } from './layer-normalization.ts'

/** Those of learning's kernels that can be put together from tfjs's own operations, for a backend without quicker ones. */
export const composedKernels = {
  gelu,
  geluGradient,
  attention,
  attentionGradient,
  layerNormalization: (inputs, { epsilon }) => layerNormalization(inputs, epsilon),
  layerNormalizationGradient,
  adamw,
} satisfies Partial<LearningKernels>
