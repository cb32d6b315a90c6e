import * as tf from '@tensorflow/tfjs-core'
import { kernel, type ReplacingKernel, replaceKernels } from '../replaced-kernels.ts'
import { floatType, integer, type NativeBackend } from './native-backend.ts'

/** What stands in for kernels of tfjs that take TensorFlow's slower operation for the job: by tfjs's names for them. */
function quickerKernels(backend: NativeBackend, hasOwnOperations: boolean): Record<string, ReplacingKernel> {
  return {
    [tf.Sum]: kernel<'x', tf.SumAttrs>(({ x }, { axis, keepDims }) => {
      const axes = tf.util.parseAxisParam(axis, x.shape)
      const isOverRows = axes.length > 0 && axes.length < x.shape.length && axes.every((each, index) => each === index)
      if (x.dtype !== 'float32' || keepDims || !isOverRows) return undefined
      return sumOfRows(backend, x, x.shape.slice(axes.length))
    }),
    [tf.BatchMatMul]: kernel<'a' | 'b', tf.BatchMatMulAttrs>(({ a, b }, { transposeA, transposeB }) => {
      const areMatrices = [a, b].every(({ shape, dtype }) => dtype === 'float32' && shape.length === 2)
      return areMatrices ? product(backend, a, b, transposeA, transposeB) : undefined
    }),
    [tf.MaxPoolGrad]: kernel<'dy' | 'input', tf.MaxPoolGradAttrs>(({ dy, input }, { filterSize, strides, pad }) => {
      const [window, stride] = [squareSide(filterSize), squareSide(strides)]
      if (!hasOwnOperations || pad !== 'valid' || window === undefined || stride === undefined) return undefined
      const attributes = [integer(backend, 'window', window), integer(backend, 'stride', stride)]
      return backend.executeSingleOutput('ChronogradMaxPoolGradient', attributes, [input, dy])
    }),
  }
}

/** TensorFlow's sum along the first axes takes four times as long as the sum that is the gradient of an added bias. */
function sumOfRows(backend: NativeBackend, x: tf.TensorInfo, shape: number[]): tf.TensorInfo {
  const columns = tf.util.sizeFromShape(shape)
  const rows = tf.reshape(x as tf.Tensor, [-1, columns])
  const format = { name: 'data_format', type: backend.binding.TF_ATTR_STRING, value: 'NHWC' }
  const sum = backend.executeSingleOutput('BiasAddGrad', [floatType(backend), format], [rows])
  const shaped = tf.reshape(sum, shape)
  tf.dispose([rows, sum])
  return shaped
}

/** One product of two matrices, for which TensorFlow has an operation with less to do around it than that for many. */
function product(
  backend: NativeBackend,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  transposeA: boolean,
  transposeB: boolean,
): tf.TensorInfo {
  const bool = (name: string, value: boolean) => ({ name, type: backend.binding.TF_ATTR_BOOL, value })
  const attributes = [floatType(backend), bool('transpose_a', transposeA), bool('transpose_b', transposeB)]
  return backend.executeSingleOutput('MatMul', attributes, [a, b])
}

function squareSide(sides: number | readonly number[]): number | undefined {
  const [first, ...others] = [sides].flat() as number[]
  return others.every(side => side === first) ? first : undefined
}

/** Registers them in the stock kernels' place, once. */
export function replaceStockKernels(backend: NativeBackend, hasOwnOperations: boolean): void {
  replaceKernels('tensorflow', quickerKernels(backend, hasOwnOperations))
}
