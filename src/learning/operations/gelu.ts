import * as tf from '@tensorflow/tfjs-core'
import { runLearningKernel } from '../../backends/learning-kernels.ts'

/** The sharpness with which a logistic curve comes close to the normal distribution (Hendrycks and Gimpel 2016). */
const logisticSharpness = 1.702

/**
 * The Gaussian error linear unit, x·Φ(x) with Φ the normal distribution (Hendrycks and Gimpel 2016), of any shape; in its
 * exact form, with its gradient Φ(x) + x·φ(x).
 */
export function gelu<Shape extends tf.Tensor>(x: Shape): Shape {
  const operation = tf.customGrad((input, save) => {
    const [y, kept] = runLearningKernel('gelu', { x: input as Shape }) as [Shape, tf.Tensor]
    ;(save as tf.GradSaveFunc)([input as Shape, kept])
    return { value: y, gradFunc: geluGradient }
  })
  return operation(x) as Shape
}

function geluGradient(dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor {
  const [x, kept] = saved as [tf.Tensor, tf.Tensor]
  return runLearningKernel('geluGradient', { dy, x, kept })
}

/** The logistic stand-in for it that CLIP was trained with, x·σ(1.702 x), of any shape. */
export function quickGelu<Shape extends tf.Tensor>(x: Shape): Shape {
  const operation = tf.customGrad((input, save) => {
    const share = tf.sigmoid(tf.mul(input as Shape, logisticSharpness))
    ;(save as tf.GradSaveFunc)([input as Shape, share])
    return { value: tf.mul(input as Shape, share), gradFunc: quickGeluGradient }
  })
  return operation(x) as Shape
}

function quickGeluGradient(dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor {
  const [x, share] = saved as [tf.Tensor, tf.Tensor]
  const change = tf.mul(tf.mul(x, logisticSharpness), tf.sub(1, share))
  return tf.mul(dy, tf.mul(share, tf.add(change, 1)))
}
