import type * as tf from '@tensorflow/tfjs-core'

/** One named array of a model: a weight that training moves, or a buffer that it keeps beside the weights. */
export interface Parameter {
  /** Where it stands in the model, such as `image.stem.kernel`; unique within the model. */
  readonly name: string
  readonly variable: tf.Variable
  /** False for buffers (running statistics), which no gradient reaches. */
  readonly trainable: boolean
  /** Whether weight decay pulls on it: kernels and tables yes; biases, gains and the logit scale no. */
  readonly decay: boolean
}
