import type * as tf from '@tensorflow/tfjs-core'
import type { Parameter } from '../parameter.ts'
import type { Pass } from '../pass.ts'

/** One half of a dual encoder: turns a batch of one modality into one feature vector each. */
export interface Tower<Batch extends tf.Tensor> {
  readonly parameters: readonly Parameter[]
  /** The length of a feature vector. */
  readonly outputSize: number
  /** A batch to features [batch, outputSize], not yet projected or normalised. */
  encode(batch: Batch, pass: Pass): tf.Tensor2D
}

/** Pictures, float32 [batch, height, width, 3] in [-1, 1]. */
export type ImageTower = Tower<tf.Tensor4D>

/** Texts, int32 [batch, length], negative at padding. */
export type TextTower = Tower<tf.Tensor2D>
