import * as tf from '@tensorflow/tfjs-core'
import * as z from 'zod'
import { applyBlock } from '../apply-block.ts'
import { BottleneckBlock, bottleneckExpansion } from '../layers/bottleneck-block.ts'
import { ConvolutionBlock } from '../layers/convolution-block.ts'
import { normalizePixels, type PixelStatistics, pixelStatistics } from '../layers/pixel-normalization.ts'
import { ResidualBlock } from '../layers/residual-block.ts'
import { maxPool } from '../operations/max-pool.ts'
import type { Parameter } from '../parameter.ts'
import { ParameterBuilder } from '../parameter-builder.ts'
import type { Pass } from '../pass.ts'
import type { ImageTower } from './tower.ts'

const count = z.int().positive()

/**
 * A ResNet as published (He et al. 2016), with the stride on the 3×3 convolution as PyTorch has it. The defaults are
 * ResNet-18 for pictures of 224 px; for small pictures take a stem of 3×3 with stride 1 and no pooling.
 */
export const resnetImageTowerConfig = z.strictObject({
  kind: z.literal('resnet'),
  block: z.enum(['basic', 'bottleneck']).default('basic'),
  depths: z.array(count).min(1).default([2, 2, 2, 2]),
  width: count.default(64),
  stem: z
    .strictObject({
      kernelSize: z.literal([3, 7]).default(7),
      stride: count.default(2),
      pooling: z.boolean().default(true),
    })
    .default({ kernelSize: 7, stride: 2, pooling: true }),
  pixels: pixelStatistics,
})

export type ResnetImageTowerConfig = z.output<typeof resnetImageTowerConfig>

/** Convolutions all the way, then the mean over the picture. Works at any picture size. */
export class ResnetImageTower implements ImageTower {
  readonly parameters: readonly Parameter[]
  readonly outputSize: number
  readonly #stem: ConvolutionBlock
  readonly #pooling: boolean
  readonly #pixels: PixelStatistics
  readonly #blocks: readonly (ResidualBlock | BottleneckBlock)[]

  constructor({ block: kind, depths, width, stem, pixels }: ResnetImageTowerConfig, { seed }: { seed: number | null }) {
    const builder = new ParameterBuilder(seed, 'image.')
    this.#stem = new ConvolutionBlock(builder.within('stem'), {
      inputs: 3,
      outputs: width,
      kernelSize: stem.kernelSize,
      stride: stem.stride,
      padding: 'symmetric',
      inputGradient: false,
    })
    this.#pooling = stem.pooling
    this.#pixels = pixels
    let inputs = width
    const blocks: (ResidualBlock | BottleneckBlock)[] = []
    for (const [stage, depth] of depths.entries()) {
      const stageWidth = width * 2 ** stage
      const outputs = kind === 'basic' ? stageWidth : stageWidth * bottleneckExpansion
      for (let block = 0; block < depth; block++) {
        const scope = builder.within(`stage${stage}`).within(`block${block}`)
        const stride = stage > 0 && block === 0 ? 2 : 1
        blocks.push(
          kind === 'basic'
            ? new ResidualBlock(scope, { inputs, outputs, stride, padding: 'symmetric' })
            : new BottleneckBlock(scope, { inputs, width: stageWidth, stride }),
        )
        inputs = outputs
      }
    }
    this.#blocks = blocks
    this.outputSize = inputs
    this.parameters = builder.parameters
  }

  encode(images: tf.Tensor4D, pass: Pass): tf.Tensor2D {
    const stem = applyBlock([images], pass, ([images], pass) => {
      const stem = this.#stem.apply(normalizePixels(images, this.#pixels), pass)
      return this.#pooling ? maxPool(stem) : stem
    })
    const map = this.#blocks.reduce((x, block) => applyBlock([x], pass, ([x], pass) => block.apply(x, pass)), stem)
    return tf.mean(map, [1, 2])
  }
}
