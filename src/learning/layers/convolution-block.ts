import * as tf from '@tensorflow/tfjs-core'
import { convolution2d, type Padding } from '../operations/convolution2d.ts'
import { relu } from '../operations/relu.ts'
import type { ParameterBuilder } from '../parameter-builder.ts'
import type { Pass } from '../pass.ts'
import { BatchNormalization } from './batch-normalization.ts'

export interface ConvolutionBlockShape {
  readonly inputs: number
  readonly outputs: number
  /** Side of the square kernel in pixels. */
  readonly kernelSize: number
  readonly stride: number
  /** Where the zeros around a picture go, `same` unless told; see `convolution2d`. */
  readonly padding?: Padding
  /** False leaves the sum as it is, for the end of a residual branch. */
  readonly activation?: boolean
  /** False where nothing before the block learns, as before a network's first layer. */
  readonly inputGradient?: boolean
}

/**
 * Convolution, batch normalisation, then relu. The convolution has no bias, since the normalisation would take it away
 * again. Kernels start with He et al.'s (2015) deviation for relu.
 */
export class ConvolutionBlock {
  readonly #kernel: tf.Variable<tf.Rank.R4>
  readonly #normalization: BatchNormalization
  readonly #shape: ConvolutionBlockShape

  constructor(builder: ParameterBuilder, shape: ConvolutionBlockShape) {
    const { inputs, outputs, kernelSize } = shape
    const deviation = Math.sqrt(2 / (kernelSize * kernelSize * inputs))
    this.#kernel = builder.weight<tf.Rank.R4>('kernel', [kernelSize, kernelSize, inputs, outputs], deviation)
    this.#normalization = new BatchNormalization(builder.within('normalization'), outputs)
    this.#shape = shape
  }

  /** [batch, height, width, inputs] to [batch, ⌈height / stride⌉, ⌈width / stride⌉, outputs]. */
  apply(x: tf.Tensor4D, pass: Pass): tf.Tensor4D {
    const { stride, padding = 'same', activation = true, inputGradient = true } = this.#shape
    return tf.tidy(() => {
      const y = this.#normalization.apply(convolution2d(x, this.#kernel, { stride, padding, inputGradient }), pass)
      return activation ? relu(y) : y
    })
  }
}
