import type * as tf from '@tensorflow/tfjs-core'
import * as z from 'zod'
import { gelu, quickGelu } from '../operations/gelu.ts'
import { relu } from '../operations/relu.ts'

/** What may stand between a transformer block's two dense layers. */
export const activationName = z.enum(['relu', 'gelu', 'quick-gelu'])

export type ActivationName = z.output<typeof activationName>

/** The activations by name; each keeps the shape. */
export const activations: Readonly<Record<ActivationName, (x: tf.Tensor2D) => tf.Tensor2D>> = {
  relu,
  gelu,
  'quick-gelu': quickGelu,
}
