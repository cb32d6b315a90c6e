import * as tf from '@tensorflow/tfjs-core'
import type { ArrayAccess } from './array-access.ts'

/** One over the square root of 2π: the height of the standard normal density. */
const densityHeight = 1 / Math.sqrt(2 * Math.PI)

/** x·Φ(x) and its slope Φ(x) + x·φ(x), which share their one exponential. */
export function gelu(access: ArrayAccess, x: tf.TensorInfo): tf.TensorInfo[] {
  const { ERF_P, ERF_A1, ERF_A2, ERF_A3, ERF_A4, ERF_A5 } = tf.backend_util
  const outputs = [access.make(x.shape), access.make(x.shape)] as const
  const [values, ys, slopes] = access.arrays(x, ...outputs)
  for (let index = 0; index < ys.length; index++) {
    const value = values[index] as number
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

/** dy times the slope. */
export function geluGradient(access: ArrayAccess, dy: tf.TensorInfo, slope: tf.TensorInfo): tf.TensorInfo {
  const dx = access.make(dy.shape)
  const [dys, slopes, dxs] = access.arrays(dy, slope, dx)
  for (let index = 0; index < dxs.length; index++) dxs[index] = (dys[index] as number) * (slopes[index] as number)
  return dx
}
