import { defineRun } from 'chronograd'
import { emojiSources } from './emoji-sources.ts'

const { train, test } = emojiSources()

/** Three residual stages that halve the picture, each twice as wide as the one before. */
function imageTower(width: number) {
  return {
    kind: 'convolutional' as const,
    stem: { channels: width, kernelSize: 3, stride: 2 },
    stages: [{ channels: 2 * width }, { channels: 4 * width }, { channels: 8 * width }],
  }
}

/**
 * Trains on the drawings of Noto and OpenMoji, and measures on those of Twemoji, which it never trains on. Colours are
 * varied much, since the three draw in different ones; nothing is mirrored, since arrows and clocks have names.
 * WebAssembly computes on one thread and more slowly: it gets a narrower network and fewer epochs.
 */
export default defineRun(({ backend }) => ({
  name: 'emoji',
  trainData: train,
  valData: test,
  epochs: backend === 'tensorflow' ? 40 : backend === 'wasm' ? 16 : 1,
  batchSize: 256,
  model: {
    dimension: 128,
    image: imageTower(backend === 'tensorflow' ? 24 : 16),
    text: { kind: 'bag-of-words' as const, width: 128, hidden: [] },
  },
  augmentation: {
    scale: [0.8, 1.15] as [number, number],
    rotation: 12,
    shift: 0.1,
    shear: 6,
    brightness: 0.1,
    contrast: 0.3,
    saturation: 0.5,
    hue: 15,
    grayscale: 0.1,
    erase: 0,
  },
  optimizer: { learningRate: 3e-3, weightDecay: 0.1 },
  evaluation: { every: { epochs: 4 } },
}))
