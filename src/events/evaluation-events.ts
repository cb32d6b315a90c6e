import { z } from 'zod'
import { defineEvent } from './define-event.ts'
import { count, real, reals } from './real.ts'

const place = {
  step: count,
  epoch: count,
  split: z.string(),
  reason: z.enum(['scheduled', 'requested']).describe('only scheduled evaluations count for patience and best'),
}

const found = { similarity: real, right: z.boolean() }

const foundPictures = z.strictObject({
  query: z.string(),
  key: z.string().describe('the sample that the query belongs to'),
  nearest: z.array(z.strictObject({ key: z.string(), ...found })),
})

const foundCaptions = z.strictObject({
  key: z.string().describe('the sample whose picture was asked with'),
  nearest: z.array(z.strictObject({ caption: z.string(), key: z.string(), ...found })),
})

const similarityMatrix = z.strictObject({
  pairs: z.array(z.strictObject({ key: z.string(), caption: z.string() })),
  values: z.array(z.array(real)),
})

export const evaluationStarted = defineEvent({
  type: 'evaluation.started',
  description: 'The model is measured on a held-out split.',
  schema: z.strictObject(place),
})

export const evaluationCompleted = defineEvent({
  type: 'evaluation.completed',
  description: 'Loss, recalls and alignment over the whole split.',
  schema: z.strictObject({
    ...place,
    metrics: reals,
    samples: z.array(foundPictures).describe('text-to-image retrievals to look at'),
    pictureSamples: z.array(foundCaptions).describe('image-to-text retrievals to look at'),
    similarities: similarityMatrix.optional().describe('of some pairs, each picture with each caption'),
    examples: count,
    durationMs: real,
  }),
  version: 3,
  // What version 3 added may be left out.
  upcasters: { 1: data => ({ ...(data as object), pictureSamples: [] }), 2: data => data },
})
