import type { TrainingEvent } from '../events/training-events.ts'
import { type ForkOptions, forkRun } from '../trainer/fork/fork-run.ts'
import type { RunDefinition } from '../trainer/run-definition.ts'
import { InvalidSettingsError, type RunSettings, type RunSettingsInput } from '../trainer/run-settings.ts'
import { withoutEarlierKinds } from './changed-kinds.ts'
import { RerunDisplay } from './rerun-display.ts'
import { type SettingOptions, withSettingOptions } from './setting-options.ts'
import { UsageError } from './usage-error.ts'

/**
 * Makes a fork before a person's eyes.
 *
 * @param changes what is to be other than in the parent
 * @throws UsageError when a setting is wrong, and whatever stands in the fork's way
 */
export async function makeFork(
  definition: RunDefinition,
  { name, ...changes }: SettingOptions & { readonly name?: string },
  options: ForkOptions,
): Promise<TrainingEvent<'run.created'>> {
  const display = new RerunDisplay()
  const { onPreparing, onProgress, onNotice } = display
  const change = (settings: RunSettings) => {
    const changed = withoutEarlierKinds(withSettingOptions(settings, changes), settings)
    return { ...changed, ...(name !== undefined && { name }) } as RunSettingsInput
  }
  try {
    return await forkRun(definition, { ...options, change, onPreparing, onProgress, onNotice })
  } catch (error) {
    throw error instanceof InvalidSettingsError ? new UsageError(error.message, { cause: error }) : error
  } finally {
    display.close()
  }
}
