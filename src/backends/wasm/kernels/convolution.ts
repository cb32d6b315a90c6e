import type * as tf from '@tensorflow/tfjs-core'
import type { Heap } from '../heap.ts'

/**
 * A convolution and both of its gradients as products of matrices. The patches of the pictures under the kernel, one row
 * for each place of the output, times the kernel are the output; their transpose times the output's gradient is the
 * kernel's; and the output's gradient times the kernel's transpose is the patches' gradient, which is added to the
 * pictures'. Patches are made of some rows of the output at a time, in order.
 */

type Shape = tf.backend_util.Conv2DInfo

/** Output places that are worked on at a time: few enough for the patches under them to stay in the second cache. */
const placesAtOnce = 256

const float = 4

/** Some rows of the output, counted through all pictures, and where the patches under them lie. */
interface Piece {
  /** The first place of the output, and how many there are. */
  readonly place: number
  readonly places: number
  /** The address of the patches, one row a place. */
  readonly patches: number
}

/** A kernel that sees one pixel at a time, every one: the pictures are their patches. */
function isPointwise({ filterHeight, filterWidth, strideHeight, strideWidth, padInfo }: Shape): boolean {
  const { top, left, bottom, right } = padInfo
  return filterHeight * filterWidth * strideHeight * strideWidth === 1 && top + left + bottom + right === 0
}

/** Visits all patches: `use` reads them, `fill` writes them and they are added to the pictures. */
function visitPatches(
  heap: Heap,
  pictures: tf.TensorInfo,
  shape: Shape,
  { use, fill }: { use?: (piece: Piece) => void; fill?: (piece: Piece) => void },
): void {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, padInfo } = shape
  const work = use ?? fill
  if (isPointwise(shape)) {
    work?.({ place: 0, places: batchSize * outHeight * outWidth, patches: heap.address(pictures) })
    return
  }
  if (fill) heap.arrays(pictures)[0].fill(0)
  const rows = batchSize * outHeight
  const rowsAtOnce = Math.min(rows, Math.max(1, Math.floor(placesAtOnce / outWidth)))
  const buffer = heap.make([rowsAtOnce * outWidth, shape.filterHeight * shape.filterWidth * inChannels])
  const patches = heap.address(buffer)
  const sides = [
    ...[inHeight, inWidth, outHeight, outWidth, shape.filterHeight, shape.filterWidth],
    ...[shape.strideHeight, shape.strideWidth, padInfo.top, padInfo.left],
  ]
  for (let row = 0; row < rows; row += rowsAtOnce) {
    const end = Math.min(row + rowsAtOnce, rows)
    const range = [heap.address(pictures), patches, row, end, float * inChannels]
    if (use) heap.functions.gatherPatches(...range, ...sides)
    work?.({ place: row * outWidth, places: (end - row) * outWidth, patches })
    if (fill) heap.functions.addPatches(...range, ...sides)
  }
  heap.release(buffer)
}

const weightsOf = ({ filterHeight, filterWidth, inChannels }: Shape) => filterHeight * filterWidth * inChannels

/** x [batch, height, width, channels] convolved with the kernel [height, width, channels, output channels]. */
export function convolution(
  heap: Heap,
  { x, filter }: Record<'x' | 'filter', tf.TensorInfo>,
  shape: Shape,
): tf.TensorInfo {
  const { outChannels } = shape
  const weights = weightsOf(shape)
  const y = heap.make(shape.outShape)
  const [kernel, output] = [heap.address(filter), heap.address(y)]
  visitPatches(heap, x, shape, {
    use: ({ place, places, patches }) => {
      const row = float * outChannels
      const left = [patches, float * weights, float] as const
      const right = [kernel, float, row] as const
      heap.functions.multiply(
        ...left,
        ...right,
        output + place * row,
        row,
        places,
        outChannels,
        weights,
        0,
        heap.scratch,
      )
    },
  })
  return y
}

/** The kernel's gradient. */
export function convolutionKernelGradient(
  heap: Heap,
  { x, dy }: Record<'x' | 'dy', tf.TensorInfo>,
  shape: Shape,
): tf.TensorInfo {
  const { outChannels } = shape
  const weights = weightsOf(shape)
  const gradient = heap.make(shape.filterShape)
  const [slopes, sums] = [heap.address(dy), heap.address(gradient)]
  visitPatches(heap, x, shape, {
    use: ({ place, places, patches }) => {
      const row = float * outChannels
      const left = [patches, float, float * weights] as const
      const right = [slopes + place * row, float, row] as const
      heap.functions.multiply(...left, ...right, sums, row, weights, outChannels, places, place, heap.scratch)
    },
  })
  return gradient
}

/** The gradient of x. */
export function convolutionInputGradient(
  heap: Heap,
  { dy, filter }: Record<'dy' | 'filter', tf.TensorInfo>,
  shape: Shape,
): tf.TensorInfo {
  const { outChannels } = shape
  const weights = weightsOf(shape)
  const gradient = heap.make(shape.inShape)
  const [slopes, kernel] = [heap.address(dy), heap.address(filter)]
  visitPatches(heap, gradient, shape, {
    fill: ({ place, places, patches }) => {
      const row = float * outChannels
      const left = [slopes + place * row, row, float] as const
      const right = [kernel, row, float] as const
      heap.functions.multiply(
        ...left,
        ...right,
        patches,
        float * weights,
        places,
        weights,
        outChannels,
        0,
        heap.scratch,
      )
    },
  })
  return gradient
}
