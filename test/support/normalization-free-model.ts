import * as tf from '@tensorflow/tfjs-core'
import { DualEncoder } from '../../src/learning/dual-encoder.ts'
import { Dense } from '../../src/learning/layers/dense.ts'
import type { InitialLogits } from '../../src/learning/loss/initial-logits.ts'
import { relu } from '../../src/learning/operations/relu.ts'
import { ParameterBuilder } from '../../src/learning/parameter-builder.ts'
import type { Pass } from '../../src/learning/pass.ts'
import { BagOfWordsTextTower, bagOfWordsTextTowerConfig } from '../../src/learning/towers/bag-of-words-text-tower.ts'
import type { ImageTower } from '../../src/learning/towers/tower.ts'

/**
 * A dual encoder in which no sample's features depend on the other samples of its batch: dense layers over the pixels,
 * with dropout where it is asked for, and a bag of words.
 */
export function normalizationFreeModel({
  imageSize,
  width = 16,
  vocabularySize = 12,
  tokenLength = 4,
  dropout = 0,
  seed = 1,
  logits,
}: {
  imageSize: number
  width?: number
  vocabularySize?: number
  tokenLength?: number
  dropout?: number
  seed?: number
  logits?: InitialLogits
}): DualEncoder {
  const options = { seed, vocabularySize, tokenLength, imageSize }
  const config = bagOfWordsTextTowerConfig.parse({ kind: 'bag-of-words', width: 8, hidden: [8], tokenDropout: dropout })
  return new DualEncoder(
    { image: denseImageTower({ imageSize, width, dropout, seed }), text: new BagOfWordsTextTower(config, options) },
    { dimension: 8, seed, ...(logits && { logits }) },
  )
}

function denseImageTower(shape: { imageSize: number; width: number; dropout: number; seed: number }): ImageTower {
  const { imageSize, width, dropout, seed } = shape
  const builder = new ParameterBuilder(seed, 'image.')
  const inputs = imageSize ** 2 * 3
  const layers = [inputs, width, width].map(
    (size, index) => new Dense(builder.within(`layer${index}`), { inputs: size, outputs: width, gain: 2 }),
  )
  return {
    parameters: builder.parameters,
    outputSize: width,
    encode(images: tf.Tensor4D, pass: Pass): tf.Tensor2D {
      const rows = tf.reshape<tf.Rank.R2>(images, [-1, inputs])
      return layers.reduce((x, layer) => dropped(relu(layer.apply(x)), dropout, pass), rows)
    },
  }
}

function dropped(x: tf.Tensor2D, share: number, pass: Pass): tf.Tensor2D {
  if (!pass.training || share === 0) return x
  const random = pass.random()
  const kept = Float32Array.from({ length: x.size }, () => (random.uniform() < share ? 0 : 1 / (1 - share)))
  return tf.mul(x, tf.tensor2d(kept, x.shape))
}
