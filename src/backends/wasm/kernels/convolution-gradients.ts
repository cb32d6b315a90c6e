import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm'
import type * as tf from '@tensorflow/tfjs-core'
import type { ArrayAccess } from '../../loops/array-access.ts'
import type { MatrixProduct } from '../matrix-product.ts'
import { transposeBlocks } from '../transpose-blocks.ts'

/** Output places that are worked on at a time: few enough for the patches under them to stay in the second cache. */
const placesAtOnce = 1024

type Shape = tf.backend_util.Conv2DInfo

/** Some pictures of the batch: the first, and how many. */
interface Piece {
  readonly first: number
  readonly count: number
}

/** The batch in pieces of whole pictures. */
function* pieces({ batchSize, outHeight, outWidth }: Shape): Generator<Piece> {
  const atOnce = Math.max(1, Math.floor(placesAtOnce / (outHeight * outWidth)))
  for (let first = 0; first < batchSize; first += atOnce) {
    yield { first, count: Math.min(atOnce, batchSize - first) }
  }
}

/** The kernel's columns that lie inside the picture where the patch begins at `column`: from the first to before `end`. */
function columnsInside(column: number, { filterWidth, inWidth }: Shape): { first: number; end: number } {
  return { first: Math.max(0, -column), end: Math.max(0, Math.min(filterWidth, inWidth - column)) }
}

/**
 * The kernel's gradient: the patches of x under the kernel at every place, one row for each weight of an output channel,
 * times dy; summed over pieces of the batch in order.
 */
export function convolutionKernelGradient(
  backend: BackendWasm,
  { access, multiply }: { access: ArrayAccess; multiply: MatrixProduct },
  { x, dy }: Record<'x' | 'dy', tf.TensorInfo>,
  shape: Shape,
): tf.TensorInfo {
  const { filterHeight, filterWidth, inChannels, outHeight, outWidth } = shape
  const weights = filterHeight * filterWidth * inChannels
  const gradient = access.make(shape.filterShape)
  access.arrays(gradient)[0].fill(0)
  let gathered = new Float32Array()
  for (const piece of pieces(shape)) {
    const places = piece.count * outHeight * outWidth
    if (gathered.length !== places * weights) gathered = new Float32Array(places * weights)
    const patches = access.make([weights, places])
    const [xs, patchValues] = access.arrays(x, patches)
    // Gathered in the order in which they lie in x and turned afterwards, which is three times as quick as at once.
    gatherPatches(xs, gathered, shape, piece)
    transposeBlocks(gathered, 0, patchValues, 0, { rows: places, columns: weights })
    const slopes = slopesOf(access, dy, shape, piece)
    const part = multiply(patches, slopes)
    const [sums, parts] = access.arrays(gradient, part)
    for (let index = 0; index < sums.length; index++) sums[index] = (sums[index] as number) + (parts[index] as number)
    for (const { dataId } of [patches, slopes, part]) backend.disposeData(dataId)
  }
  return gradient
}

/** A fresh tensor [places, channels] of the output's gradients for some pictures. */
function slopesOf(access: ArrayAccess, dy: tf.TensorInfo, shape: Shape, { first, count }: Piece): tf.TensorInfo {
  const places = shape.outHeight * shape.outWidth
  const slopes = access.make([count * places, shape.outChannels])
  const [dys, values] = access.arrays(dy, slopes)
  const from = first * places * shape.outChannels
  values.set(dys.subarray(from, from + values.length))
  return slopes
}

/** Writes one row a place: the numbers of x under (kernel row, kernel column, channel), 0 outside the picture. */
function gatherPatches(xs: Float32Array, patches: Float32Array, shape: Shape, piece: Piece): void {
  const { filterHeight, filterWidth, inChannels, inHeight, inWidth, outHeight, outWidth, padInfo } = shape
  const line = filterWidth * inChannels
  patches.fill(0)
  let target = 0
  for (let picture = piece.first; picture < piece.first + piece.count; picture++) {
    for (let outRow = 0; outRow < outHeight; outRow++) {
      const firstRow = outRow * shape.strideHeight - padInfo.top
      for (let outColumn = 0; outColumn < outWidth; outColumn++) {
        const firstColumn = outColumn * shape.strideWidth - padInfo.left
        const { first, end } = columnsInside(firstColumn, shape)
        for (let row = firstRow; row < firstRow + filterHeight; row++) {
          if (row >= 0 && row < inHeight) {
            // Neighbouring columns lie side by side in x and in the patch alike.
            const shift = ((picture * inHeight + row) * inWidth + firstColumn) * inChannels - target
            const last = target + end * inChannels
            for (let index = target + first * inChannels; index < last; index++) {
              patches[index] = xs[index + shift] as number
            }
          }
          target += line
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
  const transposed = access.make([outChannels, weights])
  const [initial, kernel, turned] = access.arrays(gradient, filter, transposed)
  initial.fill(0)
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

/** Adds patches, laid out as `gatherPatches` does, to the places that they came from. */
function addPatches(sums: Float32Array, patches: Float32Array, shape: Shape, piece: Piece): void {
  const { filterHeight, filterWidth, inChannels, inHeight, inWidth, outHeight, outWidth, padInfo } = shape
  const line = filterWidth * inChannels
  let source = 0
  for (let picture = piece.first; picture < piece.first + piece.count; picture++) {
    for (let outRow = 0; outRow < outHeight; outRow++) {
      const firstRow = outRow * shape.strideHeight - padInfo.top
      for (let outColumn = 0; outColumn < outWidth; outColumn++) {
        const firstColumn = outColumn * shape.strideWidth - padInfo.left
        const { first, end } = columnsInside(firstColumn, shape)
        for (let row = firstRow; row < firstRow + filterHeight; row++) {
          if (row >= 0 && row < inHeight) {
            const shift = ((picture * inHeight + row) * inWidth + firstColumn) * inChannels - source
            const last = source + end * inChannels
            for (let index = source + first * inChannels; index < last; index++) {
              sums[index + shift] = (sums[index + shift] as number) + (patches[index] as number)
            }
          }
          source += line
        }
      }
    }
  }
}
