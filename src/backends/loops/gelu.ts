import * as tf from '@tensorflow/tfjs-core'
import type { ArrayAccess } from './array-access.ts'

/** One over the square root of 2π: the height of the standard normal density. */
const densityHeight = 1 / Math.sqrt(2 * Math.PI)

/** t·Φ(t) of t = x + bias, and its slope Φ(t) + t·φ(t), which share their one exponential. */
export function gelu(access: ArrayAccess, x: tf.TensorInfo, bias: tf.TensorInfo): tf.TensorInfo[] {
  const { ERF_P, ERF_A1, ERF_A2, ERF_A3, ERF_A4, ERF_A5 } = tf.backend_util
  const outputs = [access.make(x.shape), access.make(x.shape)] as const
  const [values, biases, ys, slopes] = access.arrays(x, bias, ...outputs)
  for (let index = 0; index < ys.length; index++) {
    const value = (values[index] as number) + (biases[index % biases.length] as number)
    // The error function of |x| / √2 by 7.1.26 of Abramowitz and Stegun, as tfjs's own backends compute it.
    const t = 1 / (1 + ERF_P * Math.abs(value) * Math.SQRT1_2)
    const tail = t * (ERF_A1 + t * (ERF_A2 + t * (ERF_A3 + t * (ERF_A4 + t * ERF_A5))))
    const bell = Math.exp((value * value) / -2)
    const upper = (tail * bell) / 2
    const cumulative = value > 0 ? 1 - upper : upper
    ys[index] = value * cumulative
    slopes[index] = cumulative + value * bell * densityHeight
  }
  return [...outputs]
}

/** dy times the slope, which is the gradient of x, and its sums, the gradient of the bias. */
export function geluGradient(access: ArrayAccess, dy: tf.TensorInfo, slope: tf.TensorInfo): tf.TensorInfo[] {
  const outputs = [access.make(dy.shape), access.make(dy.shape.slice(1))] as const
  const [dys, slopes, dxs, biasGradients] = access.arrays(dy, slope, ...outputs)
  const sums = new Float64Array(biasGradients.length)
  for (let index = 0; index < dxs.length; index++) {
    const product = (dys[index] as number) * (slopes[index] as number)
    dxs[index] = product
    const feature = index % sums.length
    sums[feature] = (sums[feature] as number) + product
  }
  biasGradients.set(sums)
  return [...outputs]
}
