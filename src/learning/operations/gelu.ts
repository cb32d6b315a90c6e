import * as tf from '@tensorflow/tfjs-core'

/** One over the square root of 2π: the height of the standard normal density. */
const densityHeight = 1 / Math.sqrt(2 * Math.PI)

/** The sharpness with which a logistic curve comes close to the normal distribution (Hendrycks and Gimpel 2016). */
const logisticSharpness = 1.702

/**
 * The Gaussian error linear unit, x·Φ(x) with Φ the normal distribution (Hendrycks and Gimpel 2016), of any shape; in its
 * exact form, with its gradient Φ(x) + x·φ(x).
 */
export function gelu<Shape extends tf.Tensor>(x: Shape): Shape {
  const operation = tf.customGrad((input, save) => {
    const cumulative = tf.mul(tf.add(tf.erf(tf.mul(input as Shape, Math.SQRT1_2)), 1), 0.5)
    ;(save as tf.GradSaveFunc)([input as Shape, cumulative])
    return { value: tf.mul(input as Shape, cumulative), gradFunc: geluGradient }
  })
  return operation(x) as Shape
}

function geluGradient(dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor {
  const [x, cumulative] = saved as [tf.Tensor, tf.Tensor]
  const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), densityHeight)
  return tf.mul(dy, tf.add(cumulative, tf.mul(x, density)))
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
