import { existsSync } from 'node:fs'
import path from 'node:path'
import { Command, Option } from 'commander'
import { type BackendName, backendNames } from '../../backends/backend.ts'
import type { TrainingEvent } from '../../events/training-events.ts'
import type { Journal } from '../../journal/journal.ts'
import { runStream } from '../../storage/store.ts'
import { type JsonOptions, jsonOption, runArgument, type StoreOptions, storeOption } from '../common-options.ts'
import { findRun, withJournal } from '../open-run.ts'
import { UsageError } from '../usage-error.ts'

interface ResumeOptions extends StoreOptions, JsonOptions {
  readonly config?: string
  readonly backend?: BackendName
  readonly allowDifferentEnvironment?: true
}

/** `chronograd resume`: goes on with a run that was stopped, killed or failed. */
export function resumeCommand(): Command {
  return new Command('resume')
    .description('Go on with a run that was stopped, killed or failed, bit for bit as if nothing had happened.')
    .addArgument(runArgument())
    .addOption(new Option('--config <file>', 'the configuration file, where it is not where it was'))
    .addOption(
      new Option('--backend <name>', 'another backend; goes with --allow-different-environment').choices(backendNames),
    )
    .addOption(new Option('--allow-different-environment', 'go on although the last bits will differ'))
    .addOption(storeOption())
    .addOption(jsonOption('the facts, one a line, on standard output; everything else goes to standard error'))
    .action(async (wanted: string, options: ResumeOptions) => {
      const { run, definitionFile, computed } = await withJournal(options.store, { readOnly: true }, journal => {
        const run = findRun(journal, wanted, options.store)
        return { run, ...beginnings(journal, run) }
      })
      const config = options.config ?? definitionFile
      if (config === null) {
        throw new UsageError(`The run ${run} was not begun from a configuration file; give one with --config.`)
      }
      if (options.config === undefined && !existsSync(config)) {
        throw new UsageError(
          `The configuration file of ${run} is not at ${path.resolve(config)}; go to the folder in which the run was begun, or give the file with --config.`,
        )
      }
      const { loadConfiguration } = await import('../load-configuration.ts')
      const configuration = await loadConfiguration(config)
      const { prepareBackend } = await import('../../backends/prepare-backend.ts')
      const { name, threads } = computed
      const backend =
        options.backend === undefined || options.backend === name
          ? await prepareBackend(name as BackendName, { threads })
          : await prepareBackend(options.backend)
      const definition = await configuration(backend.name)
      const { runTraining } = await import('../run-training.ts')
      await runTraining(
        definition,
        { backend, resume: run, allowDifferentEnvironment: options.allowDifferentEnvironment === true },
        { store: options.store, json: options.json === true },
      )
    })
}

/** The configuration file that a run began with, and what its last attempt computed on. */
function beginnings(journal: Journal, run: string) {
  let definitionFile: string | null = null
  let computed = { name: '', threads: 1 }
  const events = journal.read({ stream: runStream(run), types: ['run.created', 'run.resumed'] })
  for (const { type, data } of events as Iterable<TrainingEvent<'run.created' | 'run.resumed'>>) {
    if (type === 'run.created') definitionFile = data.definition
    computed = data.environment.backend
  }
  return { definitionFile, computed }
}
