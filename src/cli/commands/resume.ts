import { existsSync } from 'node:fs'
import { Command, Option } from 'commander'
import type { BackendName } from '../../backends/backend.ts'
import { prepareBackend } from '../../backends/prepare-backend.ts'
import type { TrainingEvent } from '../../events/training-events.ts'
import { runStream } from '../../storage/store.ts'
import { type JsonOptions, jsonOption, runArgument, type StoreOptions, storeOption } from '../common-options.ts'
import { loadDefinition } from '../load-definition.ts'
import { findRun, withJournal } from '../open-run.ts'
import { runTraining } from '../run-training.ts'
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
      if (config === null || !existsSync(config)) {
        throw new UsageError(
          `The configuration file of ${run} is not at ${config ?? 'a known place'}; name it with --config.`,
        )
      }
      const { threads } = created.environment.backend
      const backend = await prepareBackend(created.environment.backend.name as BackendName, { threads })
      const definition = await loadDefinition(config, backend.name)
      await runTraining(
        definition,
        { backend, resume: run, allowDifferentEnvironment: options.allowDifferentEnvironment === true },
        { store: options.store, json: options.json === true },
      )
    })
}
