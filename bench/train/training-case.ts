import type { BackendName } from '../../src/backends/backend.ts'
import type { DualEncoderConfigInput } from '../../src/learning/dual-encoder-config.ts'

/** Picture towers by the name that the benchmark's cases have for them, each with the pictures' side in pixels. */
export const imageTowers = {
  'conv 32 px': { imageSize: 32, image: { kind: 'convolutional' } },
  'ResNet-18 64 px': { imageSize: 64, image: { kind: 'resnet' } },
  'ViT 64 px': {
    imageSize: 64,
    image: { kind: 'vision-transformer', patchSize: 8, width: 128, layers: 6, heads: 4 },
  },
} as const satisfies Record<string, { imageSize: number; image: DualEncoderConfigInput['image'] }>

/** Text towers by name. */
export const textTowers = {
  'bag of words': { kind: 'bag-of-words' },
  transformer: { kind: 'transformer', width: 128, layers: 2, heads: 4, activation: 'gelu' },
} as const satisfies Record<string, DualEncoderConfigInput['text']>

/** What is trained, and on what. */
export interface TrainingCase {
  readonly image: keyof typeof imageTowers
  readonly text: keyof typeof textTowers
  readonly batchSize: number
  readonly backend: Extract<BackendName, 'tensorflow' | 'wasm'>
  readonly threads: 1 | 2
}

/** Side of the vocabulary, length of the texts, and how many batches there are, which come in turns. */
export const sizes = { vocabularySize: 2_000, tokenLength: 16, batches: 4 }

/** Low, so that what rounding makes of noise does not hide whether both train the same. */
export const learningRate = 1e-5

/** So many losses at the beginning are compared: fewer where a step takes seconds. */
export function comparedSteps({ batchSize, backend }: TrainingCase): number {
  if (backend === 'wasm') return 4
  if (batchSize <= 64) return 20
  return batchSize <= 256 ? 8 : 4
}

/** How far they may lie apart, in nats. */
export const tolerance = 1e-3
