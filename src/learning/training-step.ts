import './gradients.ts'
import * as tf from '@tensorflow/tfjs-core'
import type { AdamW } from './adamw.ts'
import { clippingFactor, globalNorm } from './clip-gradients.ts'
import { contrastiveLoss } from './contrastive-loss.ts'
import type { DualEncoder } from './dual-encoder.ts'
import { TrainingPass } from './pass.ts'
import { batchTensors, type TrainingBatch } from './training-batch.ts'

/** What came of one step. */
export interface StepResult {
  readonly loss: number
  /** The norm of all gradients together, before clipping. */
  readonly gradientNorm: number
  /** The logit scale (a logarithm) that the loss was computed with. */
  readonly logitScale: number
  /** False when the loss or the gradients were not finite: then weights, statistics and optimizer are as they were. */
  readonly applied: boolean
}

/**
 * One optimisation step: forward, loss, gradients, clipping, update. The step is judged before anything is touched, on
 * three numbers that are read back together, so a batch that blows up costs that batch and nothing else.
 *
 * @param options `learningRate` is this step's; `clipNorm` is the most that the gradients' norm may be;
 *   `seed` and `step` key the step's random numbers; `inspect` is shown the gradients in one vector, unclipped and in the
 *   order of `optimizer.layout`, before anything is updated, also where they are not finite: the vector is disposed of
 *   with the step
 *
 * @example
 * const { loss, applied } = trainingStep({ model, optimizer, batch, learningRate: 1e-3, clipNorm: 1, seed, step })
 */
export function trainingStep(options: {
  model: DualEncoder
  optimizer: AdamW
  batch: TrainingBatch
  learningRate: number
  clipNorm: number
  seed: number
  step: number
  inspect?: ((gradient: tf.Tensor1D) => void) | undefined
}): StepResult {
  const { model, optimizer, batch, learningRate, clipNorm, seed, step, inspect } = options
  const pass = new TrainingPass({ seed, step })
  try {
    return tf.tidy(() => {
      const { images, tokens } = batchTensors(batch)
      const variables = optimizer.layout.slots.map(({ parameter }) => parameter.variable)
      const { value, grads } = tf.variableGrads(
        () =>
          contrastiveLoss(
            model.encodeImages(images, pass),
            model.encodeTexts(tokens, pass),
            model.logitScale,
            batch.groups,
          ),
        variables,
      )
      const gradient = optimizer.layout.flatten(grads)
      inspect?.(gradient)
      const judged = tf.stack([value, globalNorm(gradient), model.logitScale])
      const [loss = Number.NaN, gradientNorm = Number.NaN, logitScale = Number.NaN] = judged.dataSync()
      const applied = [loss, gradientNorm, logitScale].every(Number.isFinite)
      if (applied) {
        const factor = clippingFactor(gradientNorm, clipNorm)
        optimizer.apply(factor === 1 ? gradient : tf.mul(gradient, factor), learningRate)
        model.clampLogitScale()
        pass.commit()
      }
      return { loss, gradientNorm, logitScale, applied }
    })
  } finally {
    pass.discard()
  }
}
