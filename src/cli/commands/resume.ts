import { Command } from 'commander'
import type { TrainingEvent } from '../../events/training-events.ts'
import type { Environment } from '../../history/environment-differences.ts'
import type { Journal } from '../../journal/journal.ts'
import { runStream } from '../../storage/store.ts'
import { type JsonOptions, jsonOption, runArgument, type StoreOptions, storeOption } from '../common-options.ts'
import { type InspectCommandOptions, inspectOf, inspectOption } from '../inspect-option.ts'
import { findRun, withJournal } from '../open-run.ts'
import { type ProfileCommandOptions, profileOf, profileOptions } from '../profile-options.ts'
import {
  loadRecordedConfiguration,
  prepareRecordedBackend,
  type RecordedOptions,
  recordedConfiguration,
  recordedOptions,
} from '../recorded-configuration.ts'
import { type ServeCommandOptions, serveOptions, withDashboard } from '../serve-options.ts'
import { UsageError } from '../usage-error.ts'

interface ResumeOptions
  extends StoreOptions,
    JsonOptions,
    RecordedOptions,
    ProfileCommandOptions,
    InspectCommandOptions,
    ServeCommandOptions {}

/** `chronograd resume`: goes on with a run that was stopped, killed or failed. */
export function resumeCommand(): Command {
  const command = new Command('resume')
    .description('Go on with a run that was stopped, killed or failed, bit for bit as if nothing had happened.')
    .addArgument(runArgument())
  for (const option of [...recordedOptions('go on'), ...profileOptions(), ...serveOptions()]) command.addOption(option)
  return command
    .addOption(inspectOption())
    .addOption(storeOption())
    .addOption(jsonOption('the facts, one a line, on standard output; everything else goes to standard error'))
    .action(async (wanted: string, options: ResumeOptions) => {
      const { run, recorded, environment } = await withJournal(options.store, { readOnly: true }, journal => {
        const run = findRun(journal, wanted, options.store)
        return { run, recorded: recordedConfiguration(journal, run), environment: lastEnvironment(journal, run) }
      })
      const configuration = await loadRecordedConfiguration(run, recorded, options.config)
      const backend = await prepareRecordedBackend(environment, options.backend)
      const definition = await configuration(backend.name)
      const { runTraining } = await import('../run-training.ts')
      const trainerOptions = {
        backend,
        resume: run,
        allowDifferentEnvironment: options.allowDifferentEnvironment === true,
        profile: profileOf(options),
        inspect: inspectOf(options),
      }
      await withDashboard(options, dashboard =>
        runTraining(definition, trainerOptions, { store: options.store, json: options.json === true, dashboard }),
      )
    })
}

/** Where the run's last attempt computed, or was to. */
function lastEnvironment(journal: Journal, run: string): Environment {
  const events = journal.read({ stream: runStream(run), types: ['run.created', 'run.resumed'] })
  const [last] = [...(events as Iterable<TrainingEvent<'run.created' | 'run.resumed'>>)].slice(-1)
  if (last === undefined)
    throw new UsageError(`The log of ${run} does not say how it was begun; \`verify\` looks into it.`)
  return last.data.environment
}
