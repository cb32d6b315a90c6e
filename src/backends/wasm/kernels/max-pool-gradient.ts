import type * as tf from '@tensorflow/tfjs-core'
import type { ArrayAccess } from '../../loops/array-access.ts'

/**
 * The gradient of max pooling: each window's slope goes to its first largest number. The stock kernel takes 0 for the
 * largest where all numbers of a window are negative.
 */
export function maxPoolGradient(
  access: ArrayAccess,
  { dy, input }: Record<'dy' | 'input', tf.TensorInfo>,
  shape: tf.backend_util.Conv2DInfo,
): tf.TensorInfo {
  const { inHeight, inWidth, outHeight, outWidth, inChannels, batchSize, strideHeight, strideWidth, padInfo } = shape
  const dx = access.make(input.shape)
  const [slopes, values, sums] = access.arrays(dy, input, dx)
  sums.fill(0)
  let place = 0
  for (let picture = 0; picture < batchSize; picture++) {
    for (let outRow = 0; outRow < outHeight; outRow++) {
      const firstRow = Math.max(outRow * strideHeight - padInfo.top, 0)
      const endRow = Math.min(outRow * strideHeight - padInfo.top + shape.effectiveFilterHeight, inHeight)
      for (let outColumn = 0; outColumn < outWidth; outColumn++) {
        const firstColumn = Math.max(outColumn * strideWidth - padInfo.left, 0)
        const endColumn = Math.min(outColumn * strideWidth - padInfo.left + shape.effectiveFilterWidth, inWidth)
        for (let channel = 0; channel < inChannels; channel++) {
          let largest = ((picture * inHeight + firstRow) * inWidth + firstColumn) * inChannels + channel
          for (let row = firstRow; row < endRow; row++) {
            for (let column = firstColumn; column < endColumn; column++) {
              const candidate = ((picture * inHeight + row) * inWidth + column) * inChannels + channel
              if ((values[candidate] as number) > (values[largest] as number)) largest = candidate
            }
          }
          sums[largest] = (sums[largest] as number) + (slopes[place++] as number)
        }
      }
    }
  }
  return dx
}
