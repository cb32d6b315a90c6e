import { z } from 'zod'
import { defineEvent } from './define-event.ts'
import { count, real, reals } from './real.ts'

const place = {
  step: z.int().min(1).describe('1-based over the whole run'),
  epoch: z.int().min(1).describe('1-based'),
  batch: z.int().min(1).describe('1-based within the epoch'),
}

export const epochStarted = defineEvent({
  type: 'epoch.started',
  description: 'A pass over the training data begins.',
  schema: z.strictObject({ epoch: z.int().min(1), step: count.describe('steps done before it') }),
})

export const stepCompleted = defineEvent({
  type: 'step.completed',
  description: 'One update of the weights.',
  schema: z.strictObject({
    ...place,
    loss: real.describe('mean over the batch, before the update'),
    learningRate: real,
    logitScale: real.describe('as a factor, as the loss was computed with it'),
    gradientNorm: real.describe('global L2 norm before clipping'),
    examples: count,
    durationMs: real.describe('the whole step, waiting for data included'),
    dataWaitMs: real,
    metrics: reals.describe('whatever else the loop measured'),
  }),
})

export const stepSkipped = defineEvent({
  type: 'step.skipped',
  description: 'Loss or gradients were not finite: the weights were left untouched and the batch passed over.',
  schema: z.strictObject({
    ...place,
    loss: real,
    learningRate: real,
    gradientNorm: real,
    examples: count,
    durationMs: real,
    dataWaitMs: real,
  }),
})

export const epochCompleted = defineEvent({
  type: 'epoch.completed',
  description: 'A pass over the training data is done.',
  schema: z.strictObject({ epoch: z.int().min(1), step: count }),
})

export const sampleSkipped = defineEvent({
  type: 'sample.skipped',
  description: 'A sample could not be read and is left out.',
  schema: z.strictObject({ source: z.string(), key: z.string(), reason: z.string() }),
})
