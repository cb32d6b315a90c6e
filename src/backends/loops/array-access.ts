import type * as tf from '@tensorflow/tfjs-core'

/** The numbers of each of some tensors. */
export type ArraysOf<Tensors extends readonly tf.TensorInfo[]> = { [Index in keyof Tensors]: Float32Array }

/** How loops written in JavaScript reach the numbers of tensors, on a backend that keeps them within reach. */
export interface ArrayAccess {
  /** A new float32 tensor, whose numbers are whatever the memory held. */
  make(shape: number[]): tf.TensorInfo
  /** The numbers of float32 tensors, in place. They hold until the next tensor is made: making one may move memory. */
  arrays<const Tensors extends readonly tf.TensorInfo[]>(...tensors: Tensors): ArraysOf<Tensors>
  /** A copy of the numbers of an int32 tensor. */
  integers(tensor: tf.TensorInfo): Int32Array
}
