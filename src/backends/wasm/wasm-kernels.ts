import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'
import type { ArrayAccess } from '../loops/array-access.ts'
import { segmentSum } from '../loops/segment-sum.ts'
import { batchMatMul } from './kernels/batch-mat-mul.ts'
import { convolutionInputGradient, convolutionKernelGradient } from './kernels/convolution-gradients.ts'
import { depthwiseInputGradient, depthwiseKernelGradient } from './kernels/depthwise-convolution-gradients.ts'
import { maxPoolGradient } from './kernels/max-pool-gradient.ts'
import type { MatrixProduct } from './matrix-product.ts'

type Inputs<Names extends string> = Record<Names, tf.TensorInfo>
type Sides = [number, number, number, number]

/** The kernels of tfjs that the wasm backend lacks, has slow, or has wrong: by tfjs's own names for them. */
export function wasmKernels(
  backend: BackendWasm,
  access: ArrayAccess,
  stock: { batchMatMul: tf.KernelFunc; convolutionInputGradient: tf.KernelFunc },
): Record<string, tf.KernelFunc> {
  const plain = { transposeA: false, transposeB: false }
  const multiply: MatrixProduct = (a, b) =>
    stock.batchMatMul({ inputs: { a, b }, attrs: plain, backend }) as tf.TensorInfo
  const tools = { access, multiply }
  return {
    [tf.BatchMatMul]: ({ inputs, attrs }) =>
      batchMatMul(backend, { ...tools, stock: stock.batchMatMul }, inputs, attrs as unknown as typeof plain),
    [tf.Conv2DBackpropFilter]: ({ inputs, attrs }) => {
      const given = inputs as Inputs<'x' | 'dy'>
      const { strides, pad, dimRoundingMode, filterShape, dataFormat } =
        attrs as unknown as tf.Conv2DBackpropFilterAttrs
      if (dataFormat !== 'NHWC') throw new Error(`The gradient of a convolution in ${dataFormat} is not there on wasm.`)
      const shape = tf.backend_util.computeConv2DInfo(
        given.x.shape as Sides,
        filterShape,
        strides,
        1,
        pad,
        dimRoundingMode,
      )
      return convolutionKernelGradient(backend, tools, given, shape)
    },
    [tf.Conv2DBackpropInput]: ({ inputs, attrs }) => {
      const given = inputs as Inputs<'dy' | 'filter'>
      const { strides, pad, dimRoundingMode, inputShape, dataFormat } = attrs as unknown as tf.Conv2DBackpropInputAttrs
      if (dataFormat !== 'NHWC') return stock.convolutionInputGradient({ inputs, attrs: attrs ?? {}, backend })
      const filterShape = given.filter.shape as Sides
      const shape = tf.backend_util.computeConv2DInfo(inputShape, filterShape, strides, 1, pad, dimRoundingMode)
      return convolutionInputGradient(backend, tools, given, shape)
    },
    [tf.DepthwiseConv2dNativeBackpropFilter]: ({ inputs, attrs }) => {
      const given = inputs as Inputs<'x' | 'dy'>
      const { strides, pad, dimRoundingMode, filterShape } =
        attrs as unknown as tf.DepthwiseConv2dNativeBackpropFilterAttrs
      const xShape = given.x.shape as Sides
      const shape = tf.backend_util.computeConv2DInfo(xShape, filterShape, strides, 1, pad, dimRoundingMode, true)
      return depthwiseKernelGradient(access, given, shape)
    },
    [tf.DepthwiseConv2dNativeBackpropInput]: ({ inputs, attrs }) => {
      const given = inputs as Inputs<'dy' | 'filter'>
      const { strides, pad, dimRoundingMode, inputShape } =
        attrs as unknown as tf.DepthwiseConv2dNativeBackpropInputAttrs
      const filterShape = given.filter.shape as Sides
      const shape = tf.backend_util.computeConv2DInfo(inputShape, filterShape, strides, 1, pad, dimRoundingMode, true)
      return depthwiseInputGradient(access, given, shape)
    },
    [tf.MaxPoolGrad]: ({ inputs, attrs }) => {
      const given = inputs as Inputs<'dy' | 'input'>
      const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as tf.MaxPoolGradAttrs
      const inputShape = given.input.shape as Sides
      return maxPoolGradient(
        access,
        given,
        tf.backend_util.computePool2DInfo(inputShape, filterSize, strides, 1, pad, dimRoundingMode),
      )
    },
    [tf.UnsortedSegmentSum]: ({ inputs, attrs }) => {
      const { x, segmentIds } = inputs as Inputs<'x' | 'segmentIds'>
      return segmentSum(access, x, segmentIds, (attrs as unknown as tf.UnsortedSegmentSumAttrs).numSegments)
    },
  }
}

/** Registers them in the stock kernels' place, once. */
export function registerWasmKernels(backend: BackendWasm, access: ArrayAccess): void {
  if (tf.getKernel(tf.Conv2DBackpropFilter, 'wasm')) return
  const stock = {
    batchMatMul: tf.getKernel(tf.BatchMatMul, 'wasm').kernelFunc,
    convolutionInputGradient: tf.getKernel(tf.Conv2DBackpropInput, 'wasm').kernelFunc,
  }
  for (const [kernelName, kernelFunc] of Object.entries(wasmKernels(backend, access, stock))) {
    if (tf.getKernel(kernelName, 'wasm')) tf.unregisterKernel(kernelName, 'wasm')
    tf.registerKernel({ kernelName, backendName: 'wasm', kernelFunc })
  }
}
