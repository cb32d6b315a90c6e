import type { TrainingData } from '../events/training-events.ts'
import { type Difference, differencesBetween } from './differences.ts'

type Creation = TrainingData<'run.created'>

/**
 * The settings in which runs differ, as they were recorded when the runs were created. What a run is called, by its name
 * and its tags, is no setting of its training and is left aside.
 *
 * @param created what `run.created` says, by run
 */
export function settingsDifferences(created: Readonly<Record<string, Creation>>): Difference[] {
  return differencesBetween(Object.fromEntries(Object.entries(created).map(([run, data]) => [run, settingsOf(data)])))
}

function settingsOf({ seed, config }: Creation): Readonly<Record<string, unknown>> {
  const { name: _, tags: __, ...settings }: Record<string, unknown> = { seed, ...(config as object) }
  return settings
}
