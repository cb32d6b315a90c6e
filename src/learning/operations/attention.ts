import * as tf from '@tensorflow/tfjs-core'
import { runLearningKernel } from '../../backends/learning-kernels.ts'

/** How rows make up sequences, and columns heads. */
export interface AttentionShape {
  readonly batch: number
  readonly heads: number
  /** Added to the scores [batch, heads, length, length] of each query (third axis) for each key (fourth). */
  readonly hidden?: tf.Tensor4D | undefined
}

/**
 * Scaled dot product attention within each sequence (Vaswani et al. 2017), of heads that stay side by side, with its
 * gradient in closed form. Nothing is computed with respect to `hidden`.
 *
 * @param x queries, keys and values beside each other, [batch × length, 3 × heads × depth]
 * @param bias added to each row of x, [3 × heads × depth]
 * @param shape `hidden` has 1 for its second side, and may have it for its first and third
 * @returns [batch × length, heads × depth]
 */
export function attention(x: tf.Tensor2D, bias: tf.Tensor1D, { batch, heads, hidden }: AttentionShape): tf.Tensor2D {
  const attributes = { batch, heads }
  const operation = tf.customGrad((...inputs) => {
    const [rows, biases, save] = inputs as [tf.Tensor, tf.Tensor, tf.GradSaveFunc]
    const given = { x: rows, bias: biases, ...(hidden && { hidden }) }
    const [y, kept] = runLearningKernel('attention', given, attributes) as [tf.Tensor2D, tf.Tensor]
    save([rows, biases, kept, ...(hidden ? [hidden] : [])])
    return { value: y, gradFunc }
  })
  const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
    const [x, bias, kept, hidden] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor | undefined]
    return runLearningKernel('attentionGradient', { dy, x, bias, kept, ...(hidden && { hidden }) }, attributes)
  }
  return operation(x, bias) as tf.Tensor2D
}
