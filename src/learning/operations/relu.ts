import * as tf from '@tensorflow/tfjs-core'
import { runLearningKernel } from '../../backends/learning-kernels.ts'

/** The rectifier, max(x, 0), of any shape, with a gradient that is one operation. The gradient at 0 is 0. */
export function relu<Shape extends tf.Tensor>(x: Shape): Shape {
  const operation = tf.customGrad((input, save) => {
    const y = tf.relu(input as Shape)
    ;(save as tf.GradSaveFunc)([y])
    return {
      value: y,
      gradFunc: (dy: Shape, saved: tf.Tensor[]) =>
        runLearningKernel('reluGradient', { dy, y: saved[0] as Shape }) as Shape,
    }
  })
  return operation(x) as Shape
}
