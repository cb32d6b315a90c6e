import * as tf from '@tensorflow/tfjs-core'
import * as z from 'zod'
import { applyBlock } from '../apply-block.ts'
import { ConvolutionBlock } from '../layers/convolution-block.ts'
import { ResidualBlock } from '../layers/residual-block.ts'
import type { Parameter } from '../parameter.ts'
import { ParameterBuilder } from '../parameter-builder.ts'
import type { Pass } from '../pass.ts'
import type { ImageTower } from './tower.ts'

const count = z.int().positive()

/**
 * A residual network for small pictures: one convolution that shrinks the picture, then stages of residual blocks,
 * each stage's first block with the stage's stride.
 */
export const convolutionalImageTowerConfig = z.strictObject({
  kind: z.literal('convolutional'),
  stem: z
    .strictObject({ channels: count, kernelSize: count.default(3), stride: count.default(1) })
    .default({ channels: 32, kernelSize: 3, stride: 1 }),
  stages: z
    .array(z.strictObject({ channels: count, blocks: count.default(1), stride: count.default(2) }))
    .min(1)
    .default([
      { channels: 64, blocks: 1, stride: 2 },
      { channels: 128, blocks: 1, stride: 2 },
      { channels: 256, blocks: 1, stride: 2 },
    ]),
})

export type ConvolutionalImageTowerConfig = z.output<typeof convolutionalImageTowerConfig>

/** Convolutions all the way, then the mean over the picture. Works at any picture size. */
export class ConvolutionalImageTower implements ImageTower {
  readonly parameters: readonly Parameter[]
  readonly outputSize: number
  readonly #stem: ConvolutionBlock
  readonly #blocks: readonly ResidualBlock[]

  constructor({ stem, stages }: ConvolutionalImageTowerConfig, { seed }: { seed: number | null }) {
    const builder = new ParameterBuilder(seed, 'image.')
    this.#stem = new ConvolutionBlock(builder.within('stem'), {
      inputs: 3,
      outputs: stem.channels,
      kernelSize: stem.kernelSize,
      stride: stem.stride,
      inputGradient: false,
    })
    let inputs = stem.channels
    const blocks: ResidualBlock[] = []
    for (const [stage, { channels, blocks: depth, stride }] of stages.entries()) {
      for (let block = 0; block < depth; block++) {
        const scope = builder.within(`stage${stage}`).within(`block${block}`)
        blocks.push(new ResidualBlock(scope, { inputs, outputs: channels, stride: block === 0 ? stride : 1 }))
        inputs = channels
      }
    }
    this.#blocks = blocks
    this.outputSize = inputs
    this.parameters = builder.parameters
  }

  encode(images: tf.Tensor4D, pass: Pass): tf.Tensor2D {
    const stem = applyBlock([images], pass, ([images], pass) => this.#stem.apply(images, pass))
    const map = this.#blocks.reduce((x, block) => applyBlock([x], pass, ([x], pass) => block.apply(x, pass)), stem)
    return tf.mean(map, [1, 2])
  }
}
