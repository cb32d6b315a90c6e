import * as tf from '@tensorflow/tfjs-core'
import type { Padding } from '../operations/convolution2d.ts'
import { relu } from '../operations/relu.ts'
import type { ParameterBuilder } from '../parameter-builder.ts'
import type { Pass } from '../pass.ts'
import { ConvolutionBlock } from './convolution-block.ts'
import { shortcutOf } from './shortcut.ts'

export interface ResidualBlockShape {
  readonly inputs: number
  readonly outputs: number
  readonly stride: number
  /** Where the zeros around a picture go; see `convolution2d`. */
  readonly padding?: Padding
}

/**
 * Two 3×3 convolutions whose result is added to their input (He et al. 2016). Where the shape changes, the input goes
 * through a strided 1×1 convolution first.
 */
export class ResidualBlock {
  readonly #first: ConvolutionBlock
  readonly #second: ConvolutionBlock
  readonly #shortcut: ConvolutionBlock | undefined

  constructor(builder: ParameterBuilder, shape: ResidualBlockShape) {
    const { inputs, outputs, stride, padding = 'same' } = shape
    this.#first = new ConvolutionBlock(builder.within('first'), { inputs, outputs, kernelSize: 3, stride, padding })
    this.#second = new ConvolutionBlock(builder.within('second'), {
      inputs: outputs,
      outputs,
      kernelSize: 3,
      stride: 1,
      activation: false,
    })
    this.#shortcut = shortcutOf(builder, { inputs, outputs, stride })
  }

  /** [batch, height, width, inputs] to [batch, ⌈height / stride⌉, ⌈width / stride⌉, outputs]. */
  apply(x: tf.Tensor4D, pass: Pass): tf.Tensor4D {
    const branch = this.#second.apply(this.#first.apply(x, pass), pass)
    return relu(tf.add(branch, this.#shortcut?.apply(x, pass) ?? x))
  }
}
