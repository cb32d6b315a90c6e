import type * as tf from '@tensorflow/tfjs-core'

/** What an operation of TensorFlow is told beside its inputs. */
export interface NativeAttribute {
  readonly name: string
  readonly type: number
  readonly value: unknown
}

/** The part of tfjs-node's backend that kernels use: TensorFlow's own operations by name. */
export interface NativeBackend extends tf.KernelBackend {
  /** Whether it is a build that can use GPUs. */
  readonly isGPUPackage: boolean
  readonly isUsingGpuDevice: boolean
  readonly binding: {
    readonly TF_Version: string
    readonly TF_FLOAT: number
    readonly TF_INT32: number
    readonly TF_ATTR_TYPE: number
    readonly TF_ATTR_INT: number
    readonly TF_ATTR_FLOAT: number
    readonly TF_ATTR_BOOL: number
    readonly TF_ATTR_STRING: number
  }
  executeSingleOutput(
    operation: string,
    attributes: readonly NativeAttribute[],
    inputs: readonly tf.TensorInfo[],
  ): tf.Tensor
  executeMultipleOutputs(
    operation: string,
    attributes: readonly NativeAttribute[],
    inputs: readonly tf.TensorInfo[],
    outputs: number,
  ): tf.Tensor[]
}

/** The attribute that most operations have: their numbers' type, float32. */
export function floatType({ binding }: NativeBackend, name = 'T'): NativeAttribute {
  return { name, type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT }
}

/** The type of an operation's indices: int32. */
export function indexType({ binding }: NativeBackend, name: string): NativeAttribute {
  return { name, type: binding.TF_ATTR_TYPE, value: binding.TF_INT32 }
}

/** A whole number that an operation is told. */
export function integer({ binding }: NativeBackend, name: string, value: number): NativeAttribute {
  return { name, type: binding.TF_ATTR_INT, value }
}

/** A number that an operation is told. */
export function float({ binding }: NativeBackend, name: string, value: number): NativeAttribute {
  return { name, type: binding.TF_ATTR_FLOAT, value }
}

/** The same numbers once more, without a copy, for an output that is one of the inputs. */
export function sharing(backend: NativeBackend, { dataId, shape, dtype }: tf.TensorInfo): tf.TensorInfo {
  backend.incRef(dataId)
  return { dataId, shape, dtype }
}
