import type { z } from 'zod'
import { parseSettings, runSettingsSchema } from './run-settings.ts'

const loopSettingsSchema = runSettingsSchema
  .pick({
    seed: true,
    loss: true,
    microBatchSize: true,
    recomputeActivations: true,
    schedule: true,
    maximumSkippedInARow: true,
  })
  .strip()

/** Those of a run's settings that a training loop goes by. */
export type LoopSettings = z.output<typeof loopSettingsSchema>

/** The same as a person writes them; a run's whole settings are fine too. */
export type LoopSettingsInput = z.input<typeof loopSettingsSchema>

/** @throws InvalidSettingsError */
export function parseLoopSettings(input: LoopSettingsInput): LoopSettings {
  return parseSettings(loopSettingsSchema, input)
}
