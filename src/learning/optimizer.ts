import type * as tf from '@tensorflow/tfjs-core'
import type { FlatLayout } from './flat-layout.ts'
import type { Stateful } from './stateful.ts'

/** What a training loop and a checkpoint need of an optimizer; `AdamW` is one. */
export interface Optimizer extends Stateful {
  /** The highest learning rate, which the schedule is a share of, and the most that the gradients' norm may be. */
  readonly config: { readonly learningRate: number; readonly clipNorm: number | null }
  /** The parameters that it moves, in the order in which gradients are handed to it. */
  readonly layout: FlatLayout
  /** Updates applied so far. */
  readonly step: number
  /**
   * Moves every parameter of the layout by one update.
   *
   * @param gradient all gradients in one vector, as `layout.flatten` makes it
   */
  apply(gradient: tf.Tensor1D, learningRate: number): void
  dispose(): void
}

/** Whether a definition's optimizer is one that is made already, rather than settings of one. */
export function isOptimizer(optimizer: object | null | undefined): optimizer is Optimizer {
  return optimizer != null && 'apply' in optimizer && typeof optimizer.apply === 'function'
}
