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
  description: 'The state of model, optimizer and progress was taken. It is written while training goes on.',
  schema: z.strictObject({ ...place, epoch: count, reason: checkpointReason }),
})

export const checkpointSaved = defineEvent({
  type: 'checkpoint.saved',
  durable: true,
  description: 'The checkpoint lies whole on disk and was read back. Steps may lie between it and its capture.',
  schema: z.strictObject({
    ...place,
    uri: z.string().describe("relative to the store's folder"),
    sha256: z.string(),
    bytes: count,
    metric: z.strictObject({ name: z.string(), value: real }).nullable().describe('of the evaluation at this step'),
    durationMs: real.describe('from the capture until the file was safe; training went on meanwhile'),
    standstillMs: real.describe(
      'how long training stood still for it: to wait for the one before it, to capture the state, and to copy its values',
    ),
  }),
  version: 2,
  upcasters: { 1: savedBeforeVersion2 },
})

/** Before version 2 training stood still until the file was safe. */
function savedBeforeVersion2(data: unknown): unknown {
  const saved = data as { durationMs: unknown }
  return { ...saved, standstillMs: saved.durationMs }
}

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
