import * as tf from '@tensorflow/tfjs-core'
import type { Track } from '../profile/track.ts'
import type { DualEncoder } from './dual-encoder.ts'
import type { FlatLayout } from './flat-layout.ts'
import type { BatchLoss } from './loss/batch-loss.ts'
import type { TrainingPass } from './pass.ts'
import { batchTensors, type TrainingBatch } from './training-batch.ts'
import { variableGradients } from './variable-gradients.ts'

/** What gradients are made from. */
export interface GradientSources {
  readonly model: DualEncoder
  readonly batch: TrainingBatch
  readonly loss: BatchLoss
  /** The parameters that gradients are wanted of. */
  readonly layout: FlatLayout
  readonly pass: TrainingPass
  readonly track?: Track | undefined
}

/** A batch's loss, and all gradients of it in one vector. */
export interface BatchGradients {
  readonly loss: tf.Scalar
  readonly gradient: tf.Tensor1D
}

/** Forward and backward with the whole batch in memory at once. To be called in a tidy. */
export function batchGradients({ model, batch, loss, layout, pass, track }: GradientSources): BatchGradients {
  const variables = layout.slots.map(({ parameter }) => parameter.variable)
  const { value, grads } = variableGradients(
    () => {
      const { images, tokens } = batchTensors(batch)
      return loss({ images: model.encodeImages(images, pass), texts: model.encodeTexts(tokens, pass) }, model, batch)
    },
    variables,
    track,
  )
  const gradient = layout.flatten(grads)
  tf.dispose(grads)
  return { loss: value, gradient }
}
