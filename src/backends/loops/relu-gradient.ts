import type * as tf from '@tensorflow/tfjs-core'
import type { ArrayAccess } from './array-access.ts'

/** dy where the rectifier's output is positive, 0 elsewhere. */
export function reluGradient(access: ArrayAccess, dy: tf.TensorInfo, y: tf.TensorInfo): tf.TensorInfo {
  const dx = access.make(dy.shape)
  const [dyValues, yValues, dxValues] = access.arrays(dy, y, dx)
  for (let index = 0; index < dxValues.length; index++) {
    // A product is twice as quick as a choice, whose branch the processor cannot foresee.
    dxValues[index] = (dyValues[index] as number) * Number((yValues[index] as number) > 0)
  }
  return dx
}
