import * as tf from '@tensorflow/tfjs-core'
import * as z from 'zod'

const deviation = z.number().positive()

/**
 * The mean and the deviation of pictures in [0, 1], by channel, that a network expects to have been taken out. The
 * default is [-1, 1], which is how pictures come; weights trained elsewhere ask for those that they were trained with.
 */
export const pixelStatistics = z
  .strictObject({
    mean: z.tuple([z.number(), z.number(), z.number()]),
    deviation: z.tuple([deviation, deviation, deviation]),
  })
  .default({ mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] })

export type PixelStatistics = z.output<typeof pixelStatistics>

/** Pictures in [-1, 1], the colour channels last, as a network with these statistics expects them. */
export function normalizePixels(images: tf.Tensor4D, { mean, deviation }: PixelStatistics): tf.Tensor4D {
  if ([...mean, ...deviation].every(value => value === 0.5)) return images
  const factors = deviation.map(value => 0.5 / value)
  const constants = mean.map((value, channel) => (0.5 - value) / (deviation[channel] ?? 1))
  return tf.add<tf.Tensor4D>(tf.mul(images, tf.tensor1d(factors)), tf.tensor1d(constants))
}
