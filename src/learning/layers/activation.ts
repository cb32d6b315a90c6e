import * as tf from '@tensorflow/tfjs-core'
import * as z from 'zod'
import { gelu, quickGelu } from '../operations/gelu.ts'
import { relu } from '../operations/relu.ts'

/** What may stand between a transformer block's two dense layers. */
export const activationName = z.enum(['relu', 'gelu', 'quick-gelu'])

export type ActivationName = z.output<typeof activationName>

/** The activations of x [rows, features] plus a bias [features], by name. */
export const activations: Readonly<Record<ActivationName, (x: tf.Tensor2D, bias: tf.Tensor1D) => tf.Tensor2D>> = {
  relu: (x, bias) => relu(tf.add(x, bias)),
  gelu,
  'quick-gelu': (x, bias) => quickGelu(tf.add(x, bias)),
}
