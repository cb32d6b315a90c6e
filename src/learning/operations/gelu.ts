import * as tf from '@tensorflow/tfjs-core'
import { runLearningKernel } from '../../backends/learning-kernels.ts'

/** The sharpness with which a logistic curve comes close to the normal distribution (Hendrycks and Gimpel 2016). */
const logisticSharpness = 1.702

/**
 * The Gaussian error linear unit, t·Φ(t) with Φ the normal distribution (Hendrycks and Gimpel 2016), of t = x + bias; in
 * its exact form, with its gradient Φ(t) + t·φ(t).
 *
 * @param x [rows, features]
 * @param bias [features]
 * @returns the shape of x
 */
export function gelu(x: tf.Tensor2D, bias: tf.Tensor1D): tf.Tensor2D {
  const operation = tf.customGrad((...inputs) => {
    const [rows, biases, save] = inputs as [tf.Tensor, tf.Tensor, tf.GradSaveFunc]
    const [y, kept] = runLearningKernel('gelu', { x: rows, bias: biases }) as [tf.Tensor, tf.Tensor]
    save([rows, biases, kept])
    return { value: y, gradFunc: geluGradient }
  })
  return operation(x, bias) as tf.Tensor2D
}

function geluGradient(dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] {
  const [x, bias, kept] = saved as [tf.Tensor, tf.Tensor, tf.Tensor]
  return runLearningKernel('geluGradient', { dy, x, bias, kept })
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
