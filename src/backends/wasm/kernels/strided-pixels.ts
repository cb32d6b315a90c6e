import * as tf from '@tensorflow/tfjs-core'
import type { Heap } from '../heap.ts'

/**
 * Every second, third, … pixel of pictures, from the first on: what a strided kernel of one pixel sees.
 *
 * @returns undefined for other strided slices, which are the stock kernel's
 */
export function stridedPixels(
  heap: Heap,
  x: tf.TensorInfo,
  { begin, end, strides, ...masks }: tf.StridedSliceAttrs,
): tf.TensorInfo | undefined {
  const [batch, height, width, channels] = x.shape as [number, number, number, number]
  const whole = begin.every(place => place === 0) && tf.util.arraysEqual(end, x.shape)
  const [across = 0, down = 0, beside = 0, deep = 0] = strides
  if (!whole || Object.values(masks).some(Boolean) || x.shape.length !== 4) return undefined
  if (across !== 1 || deep !== 1 || down < 1 || beside < 1) return undefined
  const [outHeight, outWidth] = [Math.ceil(height / down), Math.ceil(width / beside)]
  const pixels = heap.make([batch, outHeight, outWidth, channels])
  const range = [heap.address(x), heap.address(pixels), 0, batch * outHeight, 4 * channels]
  heap.functions.gatherPatches(...range, height, width, outHeight, outWidth, 1, 1, down, beside, 0, 0)
  return pixels
}
