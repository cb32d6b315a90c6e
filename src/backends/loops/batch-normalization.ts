import * as tf from '@tensorflow/tfjs-core'
import type { ArrayAccess } from './array-access.ts'

/** The forward pass; `center` is the mean again, `spread` one over the standard deviation, `extra` is empty. */
export function batchNormalization(
  access: ArrayAccess,
  { x, gain, bias }: { x: tf.TensorInfo; gain: tf.TensorInfo; bias: tf.TensorInfo },
  epsilon: number,
): tf.TensorInfo[] {
  const channels = gain.shape[0] as number
  const rows = tf.util.sizeFromShape(x.shape) / channels
  const y = access.make(x.shape)
  const [mean, variance, center, spread] = [channels, channels, channels, channels].map(size =>
    access.make([size]),
  ) as [tf.TensorInfo, tf.TensorInfo, tf.TensorInfo, tf.TensorInfo]
  const extra = access.make([0])
  const arrays = access.arrays(x, gain, bias, y, mean, variance, center, spread)
  const [xs, gains, biases, ys, means, variances, centers, spreads] = arrays

  // The sums are kept in double precision, so that float32's seven digits survive the difference of squares below.
  const sums = new Float64Array(channels)
  const squares = new Float64Array(channels)
  for (let offset = 0; offset < xs.length; offset += channels) {
    for (let channel = 0; channel < channels; channel++) {
      const value = xs[offset + channel] as number
      sums[channel] = (sums[channel] as number) + value
      squares[channel] = (squares[channel] as number) + value * value
    }
  }
  // y = (x - mean) × spread × gain + bias, as one line a channel: factor × x + constant.
  const factors = new Float64Array(channels)
  const constants = new Float64Array(channels)
  for (let channel = 0; channel < channels; channel++) {
    const center = (sums[channel] as number) / rows
    const squaresAboutMean = Math.max((squares[channel] as number) - rows * center * center, 0)
    const spread = 1 / Math.sqrt(squaresAboutMean / rows + epsilon)
    means[channel] = center
    centers[channel] = center
    variances[channel] = squaresAboutMean / Math.max(rows - 1, 1)
    spreads[channel] = spread
    factors[channel] = spread * (gains[channel] as number)
    constants[channel] = (biases[channel] as number) - center * (factors[channel] as number)
  }
  for (let offset = 0; offset < xs.length; offset += channels) {
    for (let channel = 0; channel < channels; channel++) {
      ys[offset + channel] =
        (factors[channel] as number) * (xs[offset + channel] as number) + (constants[channel] as number)
    }
  }
  return [y, mean, variance, center, spread, extra]
}

/** The gradients with respect to x, gain and bias. */
export function batchNormalizationGradient(
  access: ArrayAccess,
  inputs: Readonly<Record<'dy' | 'x' | 'gain' | 'center' | 'spread', tf.TensorInfo>>,
): tf.TensorInfo[] {
  const { dy, x, gain, center, spread } = inputs
  const channels = gain.shape[0] as number
  const rows = tf.util.sizeFromShape(x.shape) / channels
  const dx = access.make(x.shape)
  const gainGradient = access.make([channels])
  const biasGradient = access.make([channels])
  const arrays = access.arrays(dy, x, gain, center, spread, dx, gainGradient, biasGradient)
  const [dys, xs, gains, centers, spreads, dxs, gainGradients, biasGradients] = arrays

  const gainSums = new Float64Array(channels)
  const biasSums = new Float64Array(channels)
  for (let offset = 0; offset < xs.length; offset += channels) {
    for (let channel = 0; channel < channels; channel++) {
      const slope = dys[offset + channel] as number
      const deviation = (xs[offset + channel] as number) - (centers[channel] as number)
      gainSums[channel] = (gainSums[channel] as number) + slope * deviation
      biasSums[channel] = (biasSums[channel] as number) + slope
    }
  }
  for (let channel = 0; channel < channels; channel++) {
    gainSums[channel] = (gainSums[channel] as number) * (spreads[channel] as number)
  }
  gainGradients.set(gainSums)
  biasGradients.set(biasSums)
  // dx = gain × spread × (dy - mean(dy) - normalized × mean(dy × normalized)), as one line a channel: a·dy + b·x + c.
  const slopeFactors = new Float64Array(channels)
  const xFactors = new Float64Array(channels)
  const constants = new Float64Array(channels)
  for (let channel = 0; channel < channels; channel++) {
    const factor = (gains[channel] as number) * (spreads[channel] as number)
    const xFactor = (-factor * (spreads[channel] as number) * (gainSums[channel] as number)) / rows
    slopeFactors[channel] = factor
    xFactors[channel] = xFactor
    constants[channel] = (-factor * (biasSums[channel] as number)) / rows - xFactor * (centers[channel] as number)
  }
  for (let offset = 0; offset < xs.length; offset += channels) {
    for (let channel = 0; channel < channels; channel++) {
      dxs[offset + channel] =
        (slopeFactors[channel] as number) * (dys[offset + channel] as number) +
        (xFactors[channel] as number) * (xs[offset + channel] as number) +
        (constants[channel] as number)
    }
  }
  return [dx, gainGradient, biasGradient]
}
