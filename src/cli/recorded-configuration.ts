import { existsSync } from 'node:fs'
import path from 'node:path'
import { Option } from 'commander'
import { type Backend, type BackendName, backendNames } from '../backends/backend.ts'
import type { TrainingEvent } from '../events/training-events.ts'
import type { Environment } from '../history/environment-differences.ts'
import type { Journal } from '../journal/journal.ts'
import { runStream } from '../storage/store.ts'
import type { Configuration } from './load-configuration.ts'
import { UsageError } from './usage-error.ts'

/** What a command takes that computes by a run's record. */
export interface RecordedOptions {
  readonly config?: string
  readonly backend?: BackendName
  readonly allowDifferentEnvironment?: boolean
}

/** @param doing what the command does, such as "go on" */
export function recordedOptions(doing: string): Option[] {
  return [
    new Option('--config <file>', 'the configuration file, where it is not where it was'),
    new Option('--backend <name>', 'another backend; goes with --allow-different-environment').choices(backendNames),
    new Option('--allow-different-environment', `${doing} although the last bits will differ`),
  ]
}

/** The configuration file that a run was begun with, as its log names it; null where it was begun from code. */
export function recordedConfiguration(journal: Journal, run: string): string | null {
  const [created] = journal.readPage({ stream: runStream(run), types: ['run.created'] }, 1)
  return (created as TrainingEvent<'run.created'> | undefined)?.data.definition ?? null
}

/**
 * Loads the configuration file that a run was begun with, or the one that is given instead.
 *
 * @throws UsageError when there is none, or it does not load
 */
export async function loadRecordedConfiguration(
  run: string,
  recorded: string | null,
  given: string | undefined,
): Promise<Configuration> {
  const config = given ?? recorded
  if (config === null) {
    throw new UsageError(`The run ${run} was not begun from a configuration file; give one with --config.`)
  }
  if (given === undefined && !existsSync(config)) {
    throw new UsageError(
      `The configuration file of ${run} is not at ${path.resolve(config)}; go to the folder in which the run was begun, or give the file with --config.`,
    )
  }
  // What computes is loaded only where it is needed, so that every other command starts at once.
  const { loadConfiguration } = await import('./load-configuration.ts')
  return await loadConfiguration(config)
}

/** Prepares the backend that is asked for; where that is the recorded one, with as many threads as it had then. */
export async function prepareRecordedBackend(
  { backend: { name, threads } }: Environment,
  given: BackendName | undefined,
): Promise<Backend> {
  const { prepareBackend } = await import('../backends/prepare-backend.ts')
  if (given !== undefined && given !== name) return await prepareBackend(given)
  return await prepareBackend(name as BackendName, { threads })
}
