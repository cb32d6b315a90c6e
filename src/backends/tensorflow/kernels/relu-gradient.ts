import type * as tf from '@tensorflow/tfjs-core'
import { floatType, type NativeBackend } from '../native-backend.ts'

/** One operation, where tfjs's own gradient of relu takes four. */
export function reluGradient(backend: NativeBackend, inputs: Record<'dy' | 'y', tf.TensorInfo>): tf.TensorInfo {
  return backend.executeSingleOutput('ReluGrad', [floatType(backend)], [inputs.dy, inputs.y])
}
