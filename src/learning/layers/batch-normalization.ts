import * as tf from '@tensorflow/tfjs-core'
import { batchNormalization } from '../operations/batch-normalization.ts'
import type { ParameterBuilder } from '../parameter-builder.ts'
import type { Pass } from '../pass.ts'

/** The share of the running statistics that a training batch leaves as it was. */
const momentum = 0.9
const epsilon = 1e-5

/**
 * Batch normalisation over all axes but the last (Ioffe and Szegedy 2015). In training it uses the batch's own mean
 * and variance and defers the update of the running ones to the pass; otherwise, and where the running ones are frozen,
 * it uses those and keeps them.
 */
export class BatchNormalization {
  readonly #gain: tf.Variable<tf.Rank.R1>
  readonly #bias: tf.Variable<tf.Rank.R1>
  readonly #mean: tf.Variable<tf.Rank.R1>
  readonly #variance: tf.Variable<tf.Rank.R1>

  /** @param initialGain what the normalised values are multiplied by at first: 0 makes a residual branch start silent */
  constructor(builder: ParameterBuilder, channels: number, initialGain = 1) {
    this.#gain = builder.constant<tf.Rank.R1>('gain', [channels], initialGain)
    this.#bias = builder.constant<tf.Rank.R1>('bias', [channels], 0)
    this.#mean = builder.buffer<tf.Rank.R1>('mean', [channels], 0)
    this.#variance = builder.buffer<tf.Rank.R1>('variance', [channels], 1)
  }

  /** Same shape in and out, channels last. */
  apply<T extends tf.Tensor2D | tf.Tensor4D>(x: T, pass: Pass): T {
    if (!pass.training || pass.isFrozen(this.#mean as tf.Variable)) {
      const scale = tf.mul(this.#gain, tf.rsqrt(tf.add(this.#variance, epsilon)))
      return tf.add(tf.mul(x, scale), tf.sub(this.#bias, tf.mul(this.#mean, scale)))
    }
    const { y, mean, variance } = batchNormalization(x, this.#gain, this.#bias, epsilon)
    pass.defer(this.#mean, blend(this.#mean, mean))
    pass.defer(this.#variance, blend(this.#variance, variance))
    return y as T
  }
}

function blend(running: tf.Tensor, batch: tf.Tensor): tf.Tensor {
  return tf.add(tf.mul(running, momentum), tf.mul(batch, 1 - momentum))
}
