import * as tf from '@tensorflow/tfjs-core'
import { segmentSum } from '../loops/segment-sum.ts'
import { kernel, type ReplacingKernel, replaceKernels } from '../replaced-kernels.ts'
import type { Heap } from './heap.ts'
import { batchMatMul } from './kernels/batch-mat-mul.ts'
import { convolution, convolutionInputGradient, convolutionKernelGradient } from './kernels/convolution.ts'
import { depthwiseInputGradient, depthwiseKernelGradient } from './kernels/depthwise-convolution-gradients.ts'
import { elementwise } from './kernels/elementwise.ts'
import { gatherRows } from './kernels/gather-rows.ts'
import { maxPoolGradient } from './kernels/max-pool-gradient.ts'
import { reverseLines } from './kernels/reverse-lines.ts'
import { slice } from './kernels/slice.ts'
import { stridedPixels } from './kernels/strided-pixels.ts'
import { sumAlong } from './kernels/sum.ts'

type Sides = [number, number, number, number]
const areFloats = (...tensors: readonly tf.TensorInfo[]) => tensors.every(({ dtype }) => dtype === 'float32')

/** The kernels of tfjs that the wasm backend lacks, has slow, or has wrong: by tfjs's own names for them. */
function wasmKernels(heap: Heap): Record<string, ReplacingKernel> {
  const { computeConv2DInfo, computePool2DInfo } = tf.backend_util
  return {
    [tf.BatchMatMul]: kernel<'a' | 'b', { transposeA: boolean; transposeB: boolean }>((inputs, attributes) =>
      areFloats(inputs.a, inputs.b) ? batchMatMul(heap, inputs, attributes) : undefined,
    ),
    [tf.Conv2D]: kernel<'x' | 'filter', tf.Conv2DAttrs>((inputs, attributes) => {
      const { strides, pad, dataFormat, dilations, dimRoundingMode } = attributes
      if (dataFormat !== 'NHWC' || !tf.util.arraysEqual([dilations].flat(), [dilations].flat().fill(1)))
        return undefined
      const [xShape, filterShape] = [inputs.x.shape as Sides, inputs.filter.shape as Sides]
      return convolution(heap, inputs, computeConv2DInfo(xShape, filterShape, strides, 1, pad, dimRoundingMode))
    }),
    [tf.Conv2DBackpropFilter]: kernel<'x' | 'dy', tf.Conv2DBackpropFilterAttrs>((inputs, attributes) => {
      const { strides, pad, dimRoundingMode, filterShape, dataFormat } = attributes
      if (dataFormat !== 'NHWC') throw new Error(`The gradient of a convolution in ${dataFormat} is not there on wasm.`)
      const xShape = inputs.x.shape as Sides
      const shape = computeConv2DInfo(xShape, filterShape, strides, 1, pad, dimRoundingMode)
      return convolutionKernelGradient(heap, inputs, shape)
    }),
    [tf.Conv2DBackpropInput]: kernel<'dy' | 'filter', tf.Conv2DBackpropInputAttrs>((inputs, attributes) => {
      const { strides, pad, dimRoundingMode, inputShape, dataFormat } = attributes
      if (dataFormat !== 'NHWC') return undefined
      const filterShape = inputs.filter.shape as Sides
      const shape = computeConv2DInfo(inputShape, filterShape, strides, 1, pad, dimRoundingMode)
      return convolutionInputGradient(heap, inputs, shape)
    }),
    [tf.DepthwiseConv2dNativeBackpropFilter]: kernel<'x' | 'dy', tf.DepthwiseConv2dNativeBackpropFilterAttrs>(
      (inputs, { strides, pad, dimRoundingMode, filterShape }) => {
        const xShape = inputs.x.shape as Sides
        const shape = computeConv2DInfo(xShape, filterShape, strides, 1, pad, dimRoundingMode, true)
        return depthwiseKernelGradient(heap, inputs, shape)
      },
    ),
    [tf.DepthwiseConv2dNativeBackpropInput]: kernel<'dy' | 'filter', tf.DepthwiseConv2dNativeBackpropInputAttrs>(
      (inputs, { strides, pad, dimRoundingMode, inputShape }) => {
        const filterShape = inputs.filter.shape as Sides
        const shape = computeConv2DInfo(inputShape, filterShape, strides, 1, pad, dimRoundingMode, true)
        return depthwiseInputGradient(heap, inputs, shape)
      },
    ),
    [tf.MaxPoolGrad]: kernel<'dy' | 'input', tf.MaxPoolGradAttrs>((inputs, attributes) => {
      const { filterSize, strides, pad, dimRoundingMode } = attributes
      const inputShape = inputs.input.shape as Sides
      return maxPoolGradient(heap, inputs, computePool2DInfo(inputShape, filterSize, strides, 1, pad, dimRoundingMode))
    }),
    [tf.UnsortedSegmentSum]: kernel<'x' | 'segmentIds', tf.UnsortedSegmentSumAttrs>(
      ({ x, segmentIds }, { numSegments }) => segmentSum(heap, x, segmentIds, numSegments),
    ),
    [tf.GatherV2]: kernel<'x' | 'indices', tf.GatherV2Attrs>(({ x, indices }, { axis, batchDims }) =>
      areFloats(x) && indices.dtype === 'int32' && axis === 0 && batchDims === 0
        ? gatherRows(heap, x, indices)
        : undefined,
    ),
    // The stock kernel copies the numbers, which nothing changes in place.
    [tf.Identity]: kernel<'x', object>(({ x }) => (x.dtype === 'string' ? undefined : heap.share(x, x.shape))),
    [tf.Slice]: kernel<'x', tf.SliceAttrs>(({ x }, { begin, size }) => {
      if (!areFloats(x)) return undefined
      const [first, sides] = tf.slice_util.parseSliceParams(x as tf.Tensor, begin, size) as [number[], number[]]
      return slice(heap, x, first, sides)
    }),
    [tf.SplitV]: kernel<'x', tf.SplitVAttrs>(({ x }, { numOrSizeSplits, axis }) => {
      if (!areFloats(x)) return undefined
      const [along = 0] = tf.util.parseAxisParam(axis, x.shape)
      const begin = x.shape.map(() => 0)
      return tf.backend_util.prepareSplitSize(x as tf.Tensor, numOrSizeSplits, along).map(size => {
        const piece = slice(heap, x, begin, x.shape.with(along, size))
        begin[along] = (begin[along] as number) + size
        return piece
      })
    }),
    [tf.StridedSlice]: kernel<'x', tf.StridedSliceAttrs>(({ x }, attributes) =>
      areFloats(x) ? stridedPixels(heap, x, attributes) : undefined,
    ),
    [tf.Reverse]: kernel<'x', tf.ReverseAttrs>(({ x }, { dims }) => {
      const axes = tf.util.parseAxisParam(dims, x.shape)
      return areFloats(x) && axes.every(axis => axis < axes.length) ? reverseLines(heap, x, axes.length) : undefined
    }),
    [tf.Sum]: kernel<'x', tf.SumAttrs>(({ x }, { axis, keepDims }) =>
      sumAlong(heap, x, { axes: tf.util.parseAxisParam(axis, x.shape), keepDims }, () => 1),
    ),
    [tf.Mean]: kernel<'x', tf.MeanAttrs>(({ x }, { axis, keepDims }) =>
      sumAlong(heap, x, { axes: tf.util.parseAxisParam(axis, x.shape), keepDims }, count => 1 / count),
    ),
    [tf.Exp]: kernel<'x', object>(({ x }) => (areFloats(x) ? elementwise(heap, 'exponentials', x) : undefined)),
  }
}

/** Registers them in the stock kernels' place, once. */
export function registerWasmKernels(heap: Heap): void {
  if (tf.getKernel(tf.Conv2DBackpropFilter, 'wasm')) return
  replaceKernels('wasm', wasmKernels(heap))
}
