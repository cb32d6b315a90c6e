import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm'
import type * as tf from '@tensorflow/tfjs-core'
import type { ArrayAccess } from '../../loops/array-access.ts'
import type { MatrixProduct } from '../matrix-product.ts'
import { transposeBlocks } from '../transpose-blocks.ts'

/** Output places that are worked on at a time: few enough for the patches under them to stay in the second cache. */
const placesAtOnce = 4096

type Shape = tf.backend_util.Conv2DInfo

/** Whole pictures at a time: the first picture and how many there are, over the batch. */
function* pieces({ batchSize, outHeight, outWidth }: Shape): Generator<{ first: number; count: number }> {
  const atOnce = Math.max(1, Math.floor(placesAtOnce / (outHeight * outWidth)))
  for (let first = 0; first < batchSize; first += atOnce) {
    yield { first, count: Math.min(atOnce, batchSize - first) }
  }
}

/** A fresh tensor [count × places, channels] of some pictures' output gradients. */
function slopesOf(access: ArrayAccess, dy: tf.TensorInfo, shape: Shape, piece: { first: number; count: number }) {
  const places = shape.outHeight * shape.outWidth
  const slopes = access.make([piece.count * places, shape.outChannels])
  const [source, target] = access.arrays(dy, slopes)
  const from = piece.first * places * shape.outChannels
  target.set(source.subarray(from, from + target.length))
  return slopes
}

/**
 * The kernel's gradient: patches of x, one row for each weight of an output channel, times dy, summed over pieces of the
 * batch in order.
 */
export function convolutionKernelGradient(
  backend: BackendWasm,
  { access, multiply }: { access: ArrayAccess; multiply: MatrixProduct },
  { x, dy }: Record<'x' | 'dy', tf.TensorInfo>,
  shape: Shape,
): tf.TensorInfo {
  const { filterHeight, filterWidth, inChannels, outChannels, outHeight, outWidth } = shape
  const weights = filterHeight * filterWidth * inChannels
  const gradient = access.make([filterHeight, filterWidth, inChannels, outChannels])
  access.arrays(gradient)[0].fill(0)
  for (const piece of pieces(shape)) {
    const patches = access.make([weights, piece.count * outHeight * outWidth])
    const [xs, patchValues] = access.arrays(x, patches)
    gatherPatches(xs, patchValues, shape, piece)
    const slopes = slopesOf(access, dy, shape, piece)
    const part = multiply(patches, slopes)
    const [sums, parts] = access.arrays(gradient, part)
    for (let index = 0; index < sums.length; index++) sums[index] = (sums[index] as number) + (parts[index] as number)
    for (const { dataId } of [patches, slopes, part]) backend.disposeData(dataId)
  }
  return gradient
}

/** Row (kernel row, kernel column, channel) of `patches` lists the number of x under that weight at every place. */
function gatherPatches(xs: Float32Array, patches: Float32Array, shape: Shape, piece: { first: number; count: number }) {
  const { filterHeight, filterWidth, inChannels, inHeight, inWidth, outHeight, outWidth } = shape
  const { strideHeight, strideWidth, padInfo } = shape
  let target = 0
  for (let kernelRow = 0; kernelRow < filterHeight; kernelRow++) {
    for (let kernelColumn = 0; kernelColumn < filterWidth; kernelColumn++) {
      for (let channel = 0; channel < inChannels; channel++) {
        for (let picture = piece.first; picture < piece.first + piece.count; picture++) {
          for (let outRow = 0; outRow < outHeight; outRow++) {
            const row = outRow * strideHeight + kernelRow - padInfo.top
            const start = (picture * inHeight + row) * inWidth
            const inside = row >= 0 && row < inHeight
            for (let outColumn = 0; outColumn < outWidth; outColumn++) {
              const column = outColumn * strideWidth + kernelColumn - padInfo.left
              patches[target++] =
                inside && column >= 0 && column < inWidth ? (xs[(start + column) * inChannels + channel] as number) : 0
            }
          }
        }
      }
    }
  }
}

/** The input's gradient: dy times the transposed kernel gives a patch for every place, which are added where they lie. */
export function convolutionInputGradient(
  backend: BackendWasm,
  { access, multiply }: { access: ArrayAccess; multiply: MatrixProduct },
  { dy, filter }: Record<'dy' | 'filter', tf.TensorInfo>,
  shape: Shape,
): tf.TensorInfo {
  const { filterHeight, filterWidth, inChannels, outChannels } = shape
  const weights = filterHeight * filterWidth * inChannels
  const gradient = access.make(shape.inShape)
  access.arrays(gradient)[0].fill(0)
  const transposed = access.make([outChannels, weights])
  const [kernel, turned] = access.arrays(filter, transposed)
  transposeBlocks(kernel, 0, turned, 0, { rows: weights, columns: outChannels })
  for (const piece of pieces(shape)) {
    const slopes = slopesOf(access, dy, shape, piece)
    const patches = multiply(slopes, transposed)
    const [sums, patchValues] = access.arrays(gradient, patches)
    addPatches(sums, patchValues, shape, piece)
    for (const { dataId } of [slopes, patches]) backend.disposeData(dataId)
  }
  backend.disposeData(transposed.dataId)
  return gradient
}

/** `patches` has one row a place: (kernel row, kernel column, channel). */
function addPatches(sums: Float32Array, patches: Float32Array, shape: Shape, piece: { first: number; count: number }) {
  const { filterHeight, filterWidth, inChannels, inHeight, inWidth, outHeight, outWidth } = shape
  const { strideHeight, strideWidth, padInfo } = shape
  let source = 0
  for (let picture = piece.first; picture < piece.first + piece.count; picture++) {
    for (let outRow = 0; outRow < outHeight; outRow++) {
      for (let outColumn = 0; outColumn < outWidth; outColumn++) {
        for (let kernelRow = 0; kernelRow < filterHeight; kernelRow++) {
          const row = outRow * strideHeight + kernelRow - padInfo.top
          for (let kernelColumn = 0; kernelColumn < filterWidth; kernelColumn++) {
            const column = outColumn * strideWidth + kernelColumn - padInfo.left
            if (row >= 0 && row < inHeight && column >= 0 && column < inWidth) {
              const target = ((picture * inHeight + row) * inWidth + column) * inChannels
              for (let channel = 0; channel < inChannels; channel++) {
                sums[target + channel] = (sums[target + channel] as number) + (patches[source + channel] as number)
              }
            }
            source += inChannels
          }
        }
      }
    }
  }
}
