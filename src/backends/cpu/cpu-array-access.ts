import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import type { ArrayAccess, ArraysOf } from '../loops/array-access.ts'

/** The cpu backend keeps a tensor's numbers in a typed array of their own. */
export function cpuArrayAccess(backend: MathBackendCPU): ArrayAccess {
  const values = (tensor: tf.TensorInfo) => backend.data.get(tensor.dataId).values
  return {
    make: shape => backend.makeTensorInfo(shape, 'float32', new Float32Array(tf.util.sizeFromShape(shape))),
    arrays: <const Tensors extends readonly tf.TensorInfo[]>(...tensors: Tensors) =>
      tensors.map(values) as unknown as ArraysOf<Tensors>,
    integers: tensor => Int32Array.from(values(tensor) as Int32Array),
  }
}
