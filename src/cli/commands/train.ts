import path from 'node:path'
import { Argument, Command, Option } from 'commander'
import { type BackendChoice, backendNames } from '../../backends/backend.ts'
import type { RunDefinition } from '../../trainer/run-definition.ts'
import { type JsonOptions, jsonOption, type StoreOptions, storeOption } from '../common-options.ts'
import { type InspectCommandOptions, inspectOf, inspectOption } from '../inspect-option.ts'
import { type ProfileCommandOptions, profileOf, profileOptions } from '../profile-options.ts'
import { type ServeCommandOptions, serveOptions, withDashboard } from '../serve-options.ts'
import { type SettingOptions, settingOptions, withSettingOptions } from '../setting-options.ts'
import { UsageError } from '../usage-error.ts'

interface TrainOptions
  extends StoreOptions,
    JsonOptions,
    SettingOptions,
    ProfileCommandOptions,
    InspectCommandOptions,
    ServeCommandOptions {
  readonly backend: BackendChoice
}

/** `chronograd train`: a new run. */
export function trainCommand(): Command {
  const command = new Command('train')
    .description('Train a new run as a configuration file defines it. Ctrl-C saves and ends; `resume` goes on.')
    .addArgument(new Argument('<config>', 'a TypeScript or JavaScript file that exports defineRun({ … })'))
  for (const option of settingOptions()) command.addOption(option)
  command.addOption(
    new Option('--backend <name>', 'what to compute on').choices(['auto', ...backendNames]).default('auto'),
  )
  for (const option of [...profileOptions(), ...serveOptions()]) command.addOption(option)
  return command
    .addOption(inspectOption())
    .addOption(storeOption())
    .addOption(jsonOption('the facts, one a line, on standard output; everything else goes to standard error'))
    .action(async (config: string, options: TrainOptions) => {
      // What computes is loaded only where it is needed, so that every other command starts at once.
      const { loadConfiguration } = await import('../load-configuration.ts')
      const configuration = await loadConfiguration(config)
      const { prepareBackend } = await import('../../backends/prepare-backend.ts')
      const backend = await prepareBackend(options.backend)
      const definition = await configuration(backend.name)
      const { runTraining } = await import('../run-training.ts')
      const changed = await overridden(definition, options)
      const trainerOptions = {
        backend,
        profile: profileOf(options),
        inspect: inspectOf(options),
        definitionFile: path.relative(process.cwd(), path.resolve(config)),
      }
      await withDashboard(options, dashboard =>
        runTraining(changed, trainerOptions, { store: options.store, json: options.json === true, dashboard }),
      )
    })
}

async function overridden(definition: RunDefinition, options: SettingOptions): Promise<RunDefinition> {
  const { handedIn } = await import('../../trainer/run-definition.ts')
  const objects = handedIn(definition)
  const settings = Object.fromEntries(Object.entries(definition).filter(([name]) => !objects.includes(name)))
  const changed = withSettingOptions(settings, options)
  const part = objects.find(name => name in changed)
  if (part !== undefined)
    throw new UsageError(`There is no setting "${part}" to replace; it is given in the configuration file.`)
  return { ...definition, ...changed }
}
