import type { Detector } from './detector.ts'
import { followLayers, type LayerHistories, smallestPower } from './layer-shares.ts'
import { gradientSplits } from './splits.ts'

/** A share that was never above this is rounding noise, such as that of a bias which the loss does not depend on. */
const noisePower = -6

/**
 * A layer's share of the whole gradient has fallen to a thousandth of what it used to be, or has been nothing at all from
 * the first, in three observations in a row: its units have died, or a layer after it no longer passes anything back.
 * Each layer is reported once.
 */
export const vanishingLayerGradients: Detector<{ layers: LayerHistories }> = {
  code: 'vanishing-layer-gradients',
  splits: gradientSplits,
  initial: { layers: {} },
  observe(state, { values }) {
    const { histories, found } = followLayers(state.layers, values, {
      isOdd: (power, usual) => power <= smallestPower || (usual > noisePower && power < usual - 3),
      patience: 3,
    })
    if (found.length === 0) return { state: { layers: histories } }
    return {
      state: { layers: histories },
      finding: {
        severity: 'warning',
        evidence: Object.fromEntries(found),
        advice:
          'The evidence names the layers and their share of the whole gradient. Go on from a checkpoint before it happened with a lower optimizer.learningRate; if it comes back, look at what these layers feed into.',
      },
    }
  },
}
