import type { Detector } from './detector.ts'
import { followLayers, type LayerHistories } from './layer-shares.ts'
import { gradientSplits } from './splits.ts'

/**
 * A layer that used to have a small share of the whole gradient has grown it a hundredfold, to more than a tenth, in
 * three observations in a row. Wortsman et al. (2023) saw loss spikes of CLIP begin in a single layer, the patch
 * embedding, like this. Each layer is reported once.
 */
export const explodingLayerGradients: Detector<{ layers: LayerHistories }> = {
  code: 'exploding-layer-gradients',
  splits: gradientSplits,
  initial: { layers: {} },
  observe(state, { values }) {
    const { histories, found } = followLayers(state.layers, values, {
      isOdd: (power, usual) => power > -1 && power > usual + 2,
      patience: 3,
    })
    if (found.length === 0) return { state: { layers: histories } }
    return {
      state: { layers: histories },
      finding: {
        severity: 'warning',
        evidence: Object.fromEntries(found),
        advice:
          'The evidence names the layers and their share of the whole gradient. Lower optimizer.learningRate or optimizer.beta2 (0.95), so that AdamW follows a layer whose gradients change.',
      },
    }
  },
}
