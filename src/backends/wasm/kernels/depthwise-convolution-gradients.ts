import type * as tf from '@tensorflow/tfjs-core'
import type { ArrayAccess } from '../../loops/array-access.ts'

type Shape = tf.backend_util.Conv2DInfo

/** Calls `visit` with the offsets of every product that the convolution sums: into x, the kernel and y. */
function visitProducts(shape: Shape, visit: (x: number, weight: number, y: number) => void): void {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth } =
    shape
  const { strideHeight, strideWidth, padInfo } = shape
  const multiplier = outChannels / inChannels
  for (let picture = 0; picture < batchSize; picture++) {
    for (let outRow = 0; outRow < outHeight; outRow++) {
      for (let outColumn = 0; outColumn < outWidth; outColumn++) {
        const y = ((picture * outHeight + outRow) * outWidth + outColumn) * outChannels
        for (let kernelRow = 0; kernelRow < filterHeight; kernelRow++) {
          const row = outRow * strideHeight + kernelRow - padInfo.top
          if (row < 0 || row >= inHeight) continue
          for (let kernelColumn = 0; kernelColumn < filterWidth; kernelColumn++) {
            const column = outColumn * strideWidth + kernelColumn - padInfo.left
            if (column < 0 || column >= inWidth) continue
            const x = ((picture * inHeight + row) * inWidth + column) * inChannels
            const weight = (kernelRow * filterWidth + kernelColumn) * outChannels
            for (let channel = 0; channel < outChannels; channel++) {
              visit(x + Math.floor(channel / multiplier), weight + channel, y + channel)
            }
          }
        }
      }
    }
  }
}

/** The gradient of a depthwise convolution's kernel [height, width, channels, multiplier]. */
export function depthwiseKernelGradient(
  access: ArrayAccess,
  { x, dy }: Record<'x' | 'dy', tf.TensorInfo>,
  shape: Shape,
): tf.TensorInfo {
  const gradient = access.make(shape.filterShape)
  const [xs, slopes, sums] = access.arrays(x, dy, gradient)
  sums.fill(0)
  visitProducts(shape, (at, weight, y) => {
    sums[weight] = (sums[weight] as number) + (xs[at] as number) * (slopes[y] as number)
  })
  return gradient
}

/** The gradient of a depthwise convolution's input. */
export function depthwiseInputGradient(
  access: ArrayAccess,
  { dy, filter }: Record<'dy' | 'filter', tf.TensorInfo>,
  shape: Shape,
): tf.TensorInfo {
  const gradient = access.make(shape.inShape)
  const [slopes, weights, sums] = access.arrays(dy, filter, gradient)
  sums.fill(0)
  visitProducts(shape, (at, weight, y) => {
    sums[at] = (sums[at] as number) + (weights[weight] as number) * (slopes[y] as number)
  })
  return gradient
}
