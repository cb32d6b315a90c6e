import * as tf from '@tensorflow/tfjs-core'
import type { Heap } from '../heap.ts'
import { columnSumsOf } from './column-sums.ts'

type Tensors<Names extends string> = Readonly<Record<Names, tf.TensorInfo>>

/** The forward pass, of whole vectors of channels: as the loops for other backends give it, in single precision. */
export function batchNormalization(
  heap: Heap,
  { x, gain, bias }: Tensors<'x' | 'gain' | 'bias'>,
  epsilon: number,
): tf.TensorInfo[] {
  const channels = gain.shape[0] as number
  const rows = tf.util.sizeFromShape(x.shape) / channels
  const row = 4 * channels
  const y = heap.make(x.shape)
  const outputs = Array.from({ length: 4 }, () => heap.make([channels]))
  const [mean, variance, center, spread] = outputs as [tf.TensorInfo, tf.TensorInfo, tf.TensorInfo, tf.TensorInfo]
  const extra = heap.make([0])
  const [factor, constant] = [heap.make([channels]), heap.make([channels])]
  // Deviations from the first row: sums of squares about a point among the numbers lose no digits to their mean.
  const [deviations, squaredDeviations] = columnSumsOf(heap, channels, 2, sums =>
    heap.functions.columnMoments(heap.address(x), rows, row, sums, heap.address(x)),
  ) as [Float64Array, Float64Array]
  const arrays = heap.arrays(x, gain, bias, mean, variance, center, spread, factor, constant)
  const [shifts, gains, biases, means, variances, centers, spreads, factors, constants] = arrays
  for (let channel = 0; channel < channels; channel++) {
    const shifted = (deviations[channel] as number) / rows
    const middle = (shifts[channel] as number) + shifted
    const squares = Math.max((squaredDeviations[channel] as number) - rows * shifted * shifted, 0)
    const sharpness = 1 / Math.sqrt(squares / rows + epsilon)
    means[channel] = middle
    centers[channel] = middle
    variances[channel] = squares / Math.max(rows - 1, 1)
    spreads[channel] = sharpness
    // y = (x - mean) × spread × gain + bias, as one line a channel: factor × x + constant.
    const slope = sharpness * (gains[channel] as number)
    factors[channel] = slope
    constants[channel] = (biases[channel] as number) - middle * slope
  }
  const columns = [rows, row, heap.address(factor), heap.address(constant)]
  heap.functions.scaleColumns(heap.address(x), heap.address(y), ...columns)
  heap.release(factor, constant)
  return [y, mean, variance, center, spread, extra]
}

/** The gradients with respect to x, gain and bias, of whole vectors of channels. */
export function batchNormalizationGradient(
  heap: Heap,
  { dy, x, gain, center, spread }: Tensors<'dy' | 'x' | 'gain' | 'center' | 'spread'>,
): tf.TensorInfo[] {
  const channels = gain.shape[0] as number
  const rows = tf.util.sizeFromShape(x.shape) / channels
  const row = 4 * channels
  const dx = heap.make(x.shape)
  const [gainGradient, biasGradient] = [heap.make([channels]), heap.make([channels])]
  const factors = [heap.make([channels]), heap.make([channels]), heap.make([channels])] as const
  const [slopes, values] = [heap.address(dy), heap.address(x)]
  const [biasSums, gainSums] = columnSumsOf(heap, channels, 2, sums =>
    heap.functions.slopeMoments(slopes, values, rows, row, sums, heap.address(center)),
  ) as [Float64Array, Float64Array]
  const arrays = heap.arrays(gain, center, spread, gainGradient, biasGradient, ...factors)
  const [gains, centers, spreads, gainGradients, biasGradients, slopeFactors, xFactors, constants] = arrays
  for (let channel = 0; channel < channels; channel++) {
    const sharpness = spreads[channel] as number
    const biasSum = biasSums[channel] as number
    const gainSum = (gainSums[channel] as number) * sharpness
    biasGradients[channel] = biasSum
    gainGradients[channel] = gainSum
    // dx = gain × spread × (dy - mean(dy) - normalized × mean(dy × normalized)), as one line a channel: a·dy + b·x + c.
    const slopeFactor = (gains[channel] as number) * sharpness
    const xFactor = (-slopeFactor * sharpness * gainSum) / rows
    slopeFactors[channel] = slopeFactor
    xFactors[channel] = xFactor
    constants[channel] = (-slopeFactor * biasSum) / rows - xFactor * (centers[channel] as number)
  }
  heap.functions.combineColumns(slopes, values, heap.address(dx), rows, row, ...factors.map(heap.address))
  heap.release(...factors)
  return [dx, gainGradient, biasGradient]
}
