import { z } from 'zod'
import { defineEvent } from './define-event.ts'
import { count, real } from './real.ts'

const statistics = z.strictObject({
  layer: z.string().describe('the name of the array in the model, such as `image.stem.kernel`'),
  size: count.describe('how many values it has'),
  norm: real.describe('L2 norm of all values; not finite where one of them is not'),
  mean: real.describe('of the finite values, like all that follows'),
  standardDeviation: real.describe('as of a whole population'),
  minimum: real.describe('the lowest value'),
  maximum: real.describe('the highest value'),
  zeros: real.describe('the share of values that are exactly 0'),
  nonFinite: count.describe('how many values are not finite'),
  histogram: z.array(count).describe('counts in bins of equal width from the minimum to the maximum'),
})

const observed = z.strictObject({
  step: z.int().min(1).describe('the step in which they were seen, before its update'),
  layers: z.array(statistics).describe('every trainable array of the model, in its order'),
})

export const gradientsObserved = defineEvent({
  type: 'gradients.observed',
  description: 'What the gradients of a step were like, layer by layer, before clipping.',
  schema: observed,
})

export const parametersObserved = defineEvent({
  type: 'parameters.observed',
  description: 'What the weights were like that a step began with, layer by layer.',
  schema: observed,
})
