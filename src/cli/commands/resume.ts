import { existsSync } from 'node:fs'
import path from 'node:path'
import { Command, Option } from 'commander'
import type { BackendName } from '../../backends/backend.ts'
import type { TrainingEvent } from '../../events/training-events.ts'
import { runStream } from '../../storage/store.ts'
import { type JsonOptions, jsonOption, runArgument, type StoreOptions, storeOption } from '../common-options.ts'
import { findRun, withJournal } from '../open-run.ts'
import { UsageError } from '../usage-error.ts'

interface ResumeOptions extends StoreOptions, JsonOptions {
  readonly config?: string
  readonly allowDifferentEnvironment?: true
}

/** `chronograd resume`: goes on with a run that was stopped, killed or failed. */
export function resumeCommand(): Command {
  return new Command('resume')
    .description('Go on with a run that was stopped, killed or failed, bit for bit as if nothing had happened.')
    .addArgument(runArgument())
    .addOption(new Option('--config <file>', 'the configuration file, where it is not where it was'))
    .addOption(new Option('--allow-different-environment', 'go on although the last bits will differ'))
    .addOption(storeOption())
    .addOption(jsonOption('the facts, one a line, on standard output; everything else goes to standard error'))
    .action(async (wanted: string, options: ResumeOptions) => {
      const { run, created } = await withJournal(options.store, { readOnly: true }, journal => {
        const run = findRun(journal, wanted, options.store)
        const [created] = journal.readPage({ stream: runStream(run), types: ['run.created'] }, 1)
        return { run, created: (created as TrainingEvent<'run.created'>).data }
      })
      const config = options.config ?? created.definition
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
      const { name, threads } = created.environment.backend
      const backend = await prepareBackend(name as BackendName, { threads })
      const definition = await configuration(backend.name)
      const { runTraining } = await import('../run-training.ts')
      await runTraining(
        definition,
        { backend, resume: run, allowDifferentEnvironment: options.allowDifferentEnvironment === true },
        { store: options.store, json: options.json === true },
      )
    })
}
