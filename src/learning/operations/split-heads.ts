import * as tf from '@tensorflow/tfjs-core'
import { learningKernelName, runLearningKernel } from '../../backends/learning-kernels.ts'

/** What attention compares and gathers, by head: each [batch, heads, length, depth]. */
export interface Heads {
  readonly queries: tf.Tensor4D
  readonly keys: tf.Tensor4D
  readonly values: tf.Tensor4D
}

/**
 * Takes queries, keys and values, which one matrix product has given side by side, apart and into heads.
 *
 * @param x [batch × length, 3 × heads × depth]
 */
export function splitHeads(x: tf.Tensor2D, attributes: { readonly batch: number; readonly heads: number }): Heads {
  const outputs = runLearningKernel('splitHeads', { x }, attributes)
  const [queries, keys, values] = outputs as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D]
  return { queries, keys, values }
}

// The operation has several outputs, which tf.customGrad does not know; so its gradient is registered with the kernel.
tf.registerGradient({
  kernelName: learningKernelName('splitHeads'),
  gradFunc: slopes => {
    const [queries, keys, values] = slopes as unknown as [tf.Tensor, tf.Tensor, tf.Tensor]
    return { x: () => runLearningKernel('mergeHeads', { queries, keys, values }) }
  },
})
