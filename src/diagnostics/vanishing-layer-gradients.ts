import { layerDetector } from './layer-detector.ts'
import { smallestPower } from './layer-shares.ts'

/** A share that was never above this is rounding noise, such as that of a bias which the loss does not depend on. */
const noisePower = -6

/**
 * A layer's share of the whole gradient has fallen to a thousandth of what it used to be, or has been nothing at all from
 * the first, in three observations in a row: its units have died, or a layer after it no longer passes anything back.
 */
export const vanishingLayerGradients = layerDetector({
  code: 'vanishing-layer-gradients',
  isOdd: (power, usual) => power <= smallestPower || (usual > noisePower && power < usual - 3),
  advice:
    'Go on from a checkpoint before it happened with a lower optimizer.learningRate; if it comes back, look at what these layers feed into.',
})
