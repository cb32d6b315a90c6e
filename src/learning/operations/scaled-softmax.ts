import * as tf from '@tensorflow/tfjs-core'
import { runLearningKernel } from '../../backends/learning-kernels.ts'

/**
 * The softmax of scale·x over the last axis, with its gradient in closed form.
 *
 * @returns the shape of x
 */
export function scaledSoftmax<Shape extends tf.Tensor>(x: Shape, scale: number): Shape {
  const operation = tf.customGrad((input, save) => {
    const y = runLearningKernel('softmax', { x: input as Shape }, { scale })
    ;(save as tf.GradSaveFunc)([y])
    return {
      value: y,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        runLearningKernel('softmaxGradient', { dy, y: saved[0] as tf.Tensor }, { scale }),
    }
  })
  return operation(x) as Shape
}
