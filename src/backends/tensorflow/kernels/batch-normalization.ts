import * as tf from '@tensorflow/tfjs-core'
import { floatType, type NativeAttribute, type NativeBackend } from '../native-backend.ts'

/** FusedBatchNormV3: y, mean, variance, and the three reserved outputs that its gradient asks for. */
export function batchNormalization(
  backend: NativeBackend,
  { x, gain, bias }: Record<'x' | 'gain' | 'bias', tf.TensorInfo>,
  epsilon: number,
): tf.TensorInfo[] {
  // In training the running statistics that the operation could blend with are to be empty.
  const none = tf.tensor1d([], 'float32')
  const averaging = { name: 'exponential_avg_factor', type: backend.binding.TF_ATTR_FLOAT, value: 1 }
  const attributes = [...commonAttributes(backend, epsilon), averaging]
  const outputs = backend.executeMultipleOutputs('FusedBatchNormV3', attributes, [x, gain, bias, none, none], 6)
  none.dispose()
  return outputs
}

/** FusedBatchNormGradV3: the gradients with respect to x, gain and bias. */
export function batchNormalizationGradient(
  backend: NativeBackend,
  inputs: Record<'dy' | 'x' | 'gain' | 'center' | 'spread' | 'extra', tf.TensorInfo>,
  epsilon: number,
): tf.TensorInfo[] {
  const { dy, x, gain, center, spread, extra } = inputs
  const attributes = commonAttributes(backend, epsilon)
  const reserved = [center, spread, extra]
  const outputs = backend.executeMultipleOutputs('FusedBatchNormGradV3', attributes, [dy, x, gain, ...reserved], 5)
  for (const unused of outputs.slice(3)) unused.dispose()
  return outputs.slice(0, 3)
}

function commonAttributes(backend: NativeBackend, epsilon: number): NativeAttribute[] {
  const { TF_ATTR_FLOAT, TF_ATTR_STRING, TF_ATTR_BOOL } = backend.binding
  return [
    floatType(backend),
    floatType(backend, 'U'),
    { name: 'epsilon', type: TF_ATTR_FLOAT, value: epsilon },
    { name: 'data_format', type: TF_ATTR_STRING, value: 'NHWC' },
    { name: 'is_training', type: TF_ATTR_BOOL, value: true },
  ]
}
