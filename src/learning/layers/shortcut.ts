import type { ParameterBuilder } from '../parameter-builder.ts'
import { ConvolutionBlock } from './convolution-block.ts'

/**
 * What a residual block's input goes through where the block changes its shape: a strided 1×1 convolution. Undefined
 * where the shape stays, and the input is added as it is.
 */
export function shortcutOf(
  builder: ParameterBuilder,
  { inputs, outputs, stride }: { inputs: number; outputs: number; stride: number },
): ConvolutionBlock | undefined {
  if (stride === 1 && inputs === outputs) return undefined
  return new ConvolutionBlock(builder.within('shortcut'), { inputs, outputs, kernelSize: 1, stride, activation: false })
}
