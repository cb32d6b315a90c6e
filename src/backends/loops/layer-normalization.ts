import type * as tf from '@tensorflow/tfjs-core'
import type { ArrayAccess } from './array-access.ts'

/** The forward pass over rows of x: y, the rows before gain and bias, and one over each row's standard deviation. */
export function layerNormalization(
  access: ArrayAccess,
  { x, gain, bias }: { x: tf.TensorInfo; gain: tf.TensorInfo; bias: tf.TensorInfo },
  epsilon: number,
): tf.TensorInfo[] {
  const [rows, features] = x.shape as [number, number]
  const y = access.make(x.shape)
  const normalized = access.make(x.shape)
  const inverseDeviation = access.make([rows, 1])
  const arrays = access.arrays(x, gain, bias, y, normalized, inverseDeviation)
  const [xs, gains, biases, ys, normalizedValues, inverseDeviations] = arrays
  for (let row = 0; row < rows; row++) {
    const offset = row * features
    let sum = 0
    for (let feature = 0; feature < features; feature++) sum += xs[offset + feature] as number
    const mean = sum / features
    let squares = 0
    for (let feature = 0; feature < features; feature++) {
      const deviation = (xs[offset + feature] as number) - mean
      squares += deviation * deviation
    }
    const inverse = 1 / Math.sqrt(squares / features + epsilon)
    inverseDeviations[row] = inverse
    for (let feature = 0; feature < features; feature++) {
      const value = ((xs[offset + feature] as number) - mean) * inverse
      normalizedValues[offset + feature] = value
      ys[offset + feature] = value * (gains[feature] as number) + (biases[feature] as number)
    }
  }
  return [y, normalized, inverseDeviation]
}

/** The gradients with respect to x, gain and bias. */
export function layerNormalizationGradient(
  access: ArrayAccess,
  inputs: Readonly<Record<'dy' | 'kept' | 'statistics' | 'gain', tf.TensorInfo>>,
): tf.TensorInfo[] {
  const { dy, kept: normalized, statistics: inverseDeviation, gain } = inputs
  const [rows, features] = normalized.shape as [number, number]
  const dx = access.make(normalized.shape)
  const gainGradient = access.make([features])
  const biasGradient = access.make([features])
  const arrays = access.arrays(dy, normalized, inverseDeviation, gain, dx, gainGradient, biasGradient)
  const [dys, normalizedValues, inverseDeviations, gains, dxs, gainGradients, biasGradients] = arrays
  const gainSums = new Float64Array(features)
  const biasSums = new Float64Array(features)
  for (let row = 0; row < rows; row++) {
    const offset = row * features
    let slopes = 0
    let products = 0
    for (let feature = 0; feature < features; feature++) {
      const slope = dys[offset + feature] as number
      const value = normalizedValues[offset + feature] as number
      gainSums[feature] = (gainSums[feature] as number) + slope * value
      biasSums[feature] = (biasSums[feature] as number) + slope
      slopes += slope * (gains[feature] as number)
      products += slope * (gains[feature] as number) * value
    }
    const inverse = inverseDeviations[row] as number
    for (let feature = 0; feature < features; feature++) {
      const slope = (dys[offset + feature] as number) * (gains[feature] as number)
      const value = normalizedValues[offset + feature] as number
      dxs[offset + feature] = inverse * (slope - slopes / features - (value * products) / features)
    }
  }
  gainGradients.set(gainSums)
  biasGradients.set(biasSums)
  return [dx, gainGradient, biasGradient]
}
