import './gradients.ts'
import * as tf from '@tensorflow/tfjs-core'
import type { Track } from '../profile/track.ts'
import { batchGradients } from './batch-gradients.ts'
import { clippingFactor, globalNorm } from './clip-gradients.ts'
import type { DualEncoder } from './dual-encoder.ts'
import { type BatchLoss, lossOf } from './loss/batch-loss.ts'
import { microBatchGradients } from './micro-batch-gradients.ts'
import type { Optimizer } from './optimizer.ts'
import { TrainingPass } from './pass.ts'
import type { TrainingBatch } from './training-batch.ts'

/** What came of one step. */
export interface StepResult {
  readonly loss: number
  /** The norm of all gradients together, before clipping. */
  readonly gradientNorm: number
  /** The logit scale (a logarithm) that the loss was computed with. */
  readonly logitScale: number
  /** The logit bias that the loss was computed with, where the model has one. */
  readonly logitBias: number | undefined
  /** False when the loss or the gradients were not finite: then weights, statistics and optimizer are as they were. */
  readonly applied: boolean
}

const softmax = lossOf()

/**
 * One optimisation step: forward, loss, gradients, clipping, update. The step is judged before anything is touched, on
 * a few numbers that are read back together, so a batch that blows up costs that batch and nothing else.
 *
 * @param options `loss` is the softmax one unless told; `learningRate` is this step's; `seed` and `step` key the step's random numbers; with `microBatchSize` no
 *   more than so many samples' activations are in memory at once, and the loss is still that of the whole batch; with
 *   `recomputeActivations` the towers' blocks are computed again in the backward pass instead of keeping what they
 *   computed, which changes no bit of the result; `inspect` is shown the gradients in one vector, unclipped and in the order of `optimizer.layout`, before anything is updated,
 *   also where they are not finite: the vector is disposed of with the step; `track` is told of forward, backward and
 *   update
 *
 * @example
 * const { loss, applied } = trainingStep({ model, optimizer, batch, learningRate: 1e-3, seed, step })
 */
export function trainingStep(options: {
  model: DualEncoder
  optimizer: Optimizer
  batch: TrainingBatch
  loss?: BatchLoss
  learningRate: number
  seed: number
  step: number
  microBatchSize?: number | null
  recomputeActivations?: boolean
  inspect?: ((gradient: tf.Tensor1D) => void) | undefined
  track?: Track | undefined
}): StepResult {
  const { model, optimizer, batch, learningRate, seed, step, microBatchSize, recomputeActivations, inspect, track } =
    options
  const key = { seed, step, frozen: model.frozen, recomputeActivations }
  const pass = new TrainingPass(key)
  const rehearsal = new TrainingPass(key)
  const sources = { model, batch, loss: options.loss ?? softmax, layout: optimizer.layout, pass, track }
  try {
    return tf.tidy(() => {
      const { loss: value, gradient } =
        microBatchSize == null || microBatchSize >= batch.size
          ? batchGradients(sources)
          : microBatchGradients({ ...sources, rehearsal }, microBatchSize)
      inspect?.(gradient)
      track?.begin('optimizer')
      const logits = model.logitBias === undefined ? [model.logitScale] : [model.logitScale, model.logitBias]
      const judged = tf.stack([value, globalNorm(gradient), ...logits]).dataSync()
      const [loss = Number.NaN, gradientNorm = Number.NaN, logitScale = Number.NaN, logitBias] = judged
      const applied = judged.every(Number.isFinite)
      if (applied) {
        const { clipNorm } = optimizer.config
        const factor = clipNorm === null ? 1 : clippingFactor(gradientNorm, clipNorm)
        optimizer.apply(factor === 1 ? gradient : tf.mul(gradient, factor), learningRate)
        model.clampLogitScale()
        pass.commit()
      }
      track?.end('optimizer')
      return { loss, gradientNorm, logitScale, logitBias, applied }
    })
  } finally {
    pass.discard()
    rehearsal.discard()
  }
}
