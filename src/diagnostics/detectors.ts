import { dataBound } from './data-bound.ts'
import type { Detector } from './detector.ts'
import { duplicateCaptions } from './duplicate-captions.ts'
import { embeddingCollapse } from './embedding-collapse.ts'
import { explodingGradients } from './exploding-gradients.ts'
import { explodingLayerGradients } from './exploding-layer-gradients.ts'
import { explodingLoss } from './exploding-loss.ts'
import { logitScalePinned } from './logit-scale-pinned.ts'
import { modalityGap } from './modality-gap.ts'
import { nonFinite } from './non-finite.ts'
import { overfitting } from './overfitting.ts'
import { plateau } from './plateau.ts'
import { stuckAtChance } from './stuck-at-chance.ts'
import { unstableTraining } from './unstable-training.ts'
import { vanishingGradients } from './vanishing-gradients.ts'
import { vanishingLayerGradients } from './vanishing-layer-gradients.ts'

/** Every fault that is looked for. */
export const detectors: readonly Detector[] = [
  nonFinite,
  explodingLoss,
  unstableTraining,
  plateau,
  stuckAtChance,
  vanishingGradients,
  explodingGradients,
  vanishingLayerGradients,
  explodingLayerGradients,
  overfitting,
  embeddingCollapse,
  modalityGap,
  logitScalePinned,
  duplicateCaptions,
  dataBound,
] as readonly Detector[]
