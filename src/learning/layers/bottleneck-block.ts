import * as tf from '@tensorflow/tfjs-core'
import { relu } from '../operations/relu.ts'
import type { ParameterBuilder } from '../parameter-builder.ts'
import type { Pass } from '../pass.ts'
import { ConvolutionBlock } from './convolution-block.ts'
import { shortcutOf } from './shortcut.ts'

/** How much wider a bottleneck block's output is than its middle. */
export const bottleneckExpansion = 4

/**
 * A 1×1 convolution to `width` channels, a 3×3 one that carries the stride, and a 1×1 one to four times as many, added
 * to their input (He et al. 2016). Where the shape changes, the input goes through a strided 1×1 convolution first.
 */
export class BottleneckBlock {
  readonly #first: ConvolutionBlock
  readonly #second: ConvolutionBlock
  readonly #third: ConvolutionBlock
  readonly #shortcut: ConvolutionBlock | undefined

  constructor(builder: ParameterBuilder, { inputs, width, stride }: { inputs: number; width: number; stride: number }) {
    const outputs = width * bottleneckExpansion
    const pointwise = { kernelSize: 1, stride: 1 }
    this.#first = new ConvolutionBlock(builder.within('first'), { inputs, outputs: width, ...pointwise })
    this.#second = new ConvolutionBlock(builder.within('second'), {
      inputs: width,
      outputs: width,
      kernelSize: 3,
      stride,
      padding: 'symmetric',
    })
    this.#third = new ConvolutionBlock(builder.within('third'), {
      inputs: width,
      outputs,
      ...pointwise,
      activation: false,
    })
    this.#shortcut = shortcutOf(builder, { inputs, outputs, stride })
  }

  /** [batch, height, width, inputs] to [batch, ⌈height / stride⌉, ⌈width / stride⌉, outputs]. */
  apply(x: tf.Tensor4D, pass: Pass): tf.Tensor4D {
    const branch = this.#third.apply(this.#second.apply(this.#first.apply(x, pass), pass), pass)
    return relu(tf.add(branch, this.#shortcut?.apply(x, pass) ?? x))
  }
}
