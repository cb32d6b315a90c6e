import * as tf from '@tensorflow/tfjs-core'
import { runLearningKernel } from '../../backends/learning-kernels.ts'

/**
 * Layer normalisation over the last axis (Ba, Kiros and Hinton 2016), with its gradient in closed form.
 *
 * @param x [..., features]
 * @param gain [features]
 * @param bias [features]
 * @param epsilon added to the variance
 * @returns the shape of x
 */
export function layerNormalization<Shape extends tf.Tensor>(
  x: Shape,
  gain: tf.Tensor1D,
  bias: tf.Tensor1D,
  epsilon: number,
): Shape {
  const features = gain.size
  const operation = tf.customGrad((...inputs) => {
    const [rows, gains, biases, save] = inputs as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc]
    const outputs = runLearningKernel('layerNormalization', { x: rows, gain: gains, bias: biases }, { epsilon })
    const [y, kept, statistics] = outputs as [tf.Tensor, tf.Tensor, tf.Tensor]
    save([kept, statistics, gains])
    return { value: y, gradFunc }
  })
  return tf.reshape(operation(tf.reshape(x, [x.size / features, features]), gain, bias), x.shape) as Shape
}

function gradFunc(dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] {
  const [kept, statistics, gain] = saved as [tf.Tensor, tf.Tensor, tf.Tensor]
  return runLearningKernel('layerNormalizationGradient', { dy, kept, statistics, gain })
}
