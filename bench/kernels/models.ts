import * as tf from '@tensorflow/tfjs-core'
import { createDualEncoder, createTextTower, DualEncoder } from '../../src/learning/dual-encoder.ts'
import { type DualEncoderConfigInput, dualEncoderConfig } from '../../src/learning/dual-encoder-config.ts'
import { ConvolutionBlock } from '../../src/learning/layers/convolution-block.ts'
import type { Parameter } from '../../src/learning/parameter.ts'
import { ParameterBuilder } from '../../src/learning/parameter-builder.ts'
import type { Pass } from '../../src/learning/pass.ts'
import { presets } from '../../src/learning/presets.ts'
import type { ImageTower } from '../../src/learning/towers/tower.ts'

/** A model to be timed, and what it is fed. */
export interface TimedModel {
  readonly about: string
  readonly imageSize: number
  readonly tokenLength: number
  readonly vocabularySize: number
  readonly create: () => DualEncoder
}

const sizes = { tokenLength: 16, vocabularySize: 2000 }

function configured(about: string, imageSize: number, config: DualEncoderConfigInput): TimedModel {
  return { about, imageSize, ...sizes, create: () => createDualEncoder(config, { seed: 1, imageSize, ...sizes }) }
}

/** Three convolutions with batch normalisation and relu, then the mean over the picture. */
class PlainConvolutions implements ImageTower {
  readonly outputSize = 128
  readonly parameters: readonly Parameter[]
  readonly #blocks: readonly ConvolutionBlock[]

  constructor() {
    const builder = new ParameterBuilder(1, 'image.')
    const block = (name: string, inputs: number, outputs: number, stride: number) =>
      new ConvolutionBlock(builder.within(name), {
        inputs,
        outputs,
        stride,
        kernelSize: 3,
        inputGradient: inputs !== 3,
      })
    this.#blocks = [block('first', 3, 32, 1), block('second', 32, 64, 2), block('third', 64, 128, 2)]
    this.parameters = builder.parameters
  }

  encode(images: tf.Tensor4D, pass: Pass): tf.Tensor2D {
    const map = this.#blocks.reduce((x, block) => block.apply(x, pass), images)
    return tf.mean(map, [1, 2])
  }
}

function plainConvolutions(text: DualEncoderConfigInput['text']): TimedModel['create'] {
  return () => {
    const config = dualEncoderConfig.parse({ text })
    const textTower = createTextTower(config.text, { seed: 1, imageSize: 32, ...sizes })
    return new DualEncoder({ image: new PlainConvolutions(), text: textTower }, { dimension: 128, seed: 1 })
  }
}

const bagOfWords = { kind: 'bag-of-words' } as const
const vit = presets['vit-micro-8'].model
const resnet = {
  ...presets['resnet-18-small'].model,
  image: { kind: 'resnet', stem: { kernelSize: 3, stride: 2, pooling: false } },
} as const

/** The models by the names that the command line takes: each kind of image tower with each kind of text tower. */
export const timedModels: Readonly<Record<string, TimedModel>> = {
  conv: {
    about: 'convolutions of 32, 64 and 128 channels, bag of words; 32 px',
    imageSize: 32,
    ...sizes,
    create: plainConvolutions({ ...bagOfWords, width: 128, hidden: [128] }),
  },
  'conv-transformer': {
    about: 'convolutions of 32, 64 and 128 channels, transformer of 2 layers; 32 px',
    imageSize: 32,
    ...sizes,
    create: plainConvolutions(vit.text),
  },
  tiny: configured('the default: a small residual network, bag of words; 32 px', 32, {}),
  resnet: configured('ResNet-18 with a 3×3 stem of stride 2, transformer of 4 layers; 64 px', 64, resnet),
  'resnet-bag': configured('ResNet-18 with a 3×3 stem of stride 2, bag of words; 64 px', 64, {
    ...resnet,
    text: bagOfWords,
  }),
  vit: configured(`${presets['vit-micro-8'].about}, transformer of 2 layers`, 64, vit),
  'vit-bag': configured(`${presets['vit-micro-8'].about}, bag of words`, 64, { ...vit, text: bagOfWords }),
}
