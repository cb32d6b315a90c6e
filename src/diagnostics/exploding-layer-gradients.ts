import { layerDetector } from './layer-detector.ts'

/**
 * A layer that used to have a small share of the whole gradient has grown it a hundredfold, to more than a tenth, in
 * three observations in a row. Wortsman et al. (2023) saw loss spikes of CLIP begin in a single layer, the patch
 * embedding, like this.
 */
export const explodingLayerGradients = layerDetector({
  code: 'exploding-layer-gradients',
  isOdd: (power, usual) => power > -1 && power > usual + 2,
  advice:
    'Lower optimizer.learningRate or optimizer.beta2 (0.95), so that AdamW follows a layer whose gradients change.',
})
