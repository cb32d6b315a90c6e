import * as tf from '@tensorflow/tfjs-core'

/** The rectifier, max(x, 0), of any shape. */
export function relu<Shape extends tf.Tensor>(x: Shape): Shape {
  return tf.relu(x)
}
