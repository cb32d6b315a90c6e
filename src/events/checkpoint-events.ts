import { z } from 'zod'
import { defineEvent } from './define-event.ts'
import { count, real } from './real.ts'

/** Why a checkpoint was made; where several apply, the first of this list. */
export const checkpointReason = z.enum(['best', 'final', 'interval', 'manual', 'interrupt', 'emergency'])

const place = { checkpoint: z.string().min(1).describe('its name within the run'), step: count }

export const checkpointCaptured = defineEvent({
  type: 'checkpoint.captured',
  // Before there is any file: so no power cut leaves one that the log has never heard of.
  durable: true,
  description: 'The state of model, optimizer and progress was taken and is being written.',
  schema: z.strictObject({ ...place, epoch: count, reason: checkpointReason }),
})

export const checkpointSaved = defineEvent({
  type: 'checkpoint.saved',
  durable: true,
  description: 'The checkpoint lies whole on disk and was read back.',
  schema: z.strictObject({
    ...place,
    uri: z.string().describe("relative to the store's folder"),
    sha256: z.string(),
    bytes: count,
    metric: z.strictObject({ name: z.string(), value: real }).nullable().describe('of the evaluation at this step'),
    durationMs: real,
  }),
})

export const checkpointFailed = defineEvent({
  type: 'checkpoint.failed',
  description: 'The checkpoint could not be written; training goes on without it.',
  schema: z.strictObject({ ...place, error: z.string() }),
})

export const checkpointDeleted = defineEvent({
  type: 'checkpoint.deleted',
  durable: true,
  description: 'The checkpoint is no longer kept and its file is to be removed.',
  schema: z.strictObject({ ...place, uri: z.string() }),
})
