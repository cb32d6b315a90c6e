import path from 'node:path'
import { Argument, Command, Option } from 'commander'
import { type BackendChoice, backendNames } from '../../backends/backend.ts'
import type { RunDefinition } from '../../trainer/run-definition.ts'
import { gather, type JsonOptions, jsonOption, type StoreOptions, storeOption, wholeNumber } from '../common-options.ts'
import { withOverrides } from '../overrides.ts'
import { UsageError } from '../usage-error.ts'

interface TrainOptions extends StoreOptions, JsonOptions {
  readonly set?: readonly string[]
  readonly epochs?: number
  readonly maxSteps?: number
  readonly seed?: number
  readonly backend: BackendChoice
}

/** `chronograd train`: a new run. */
export function trainCommand(): Command {
  return new Command('train')
    .description('Train a new run as a configuration file defines it. Ctrl-C saves and ends; `resume` goes on.')
    .addArgument(new Argument('<config>', 'a TypeScript or JavaScript file that exports defineRun({ … })'))
    .addOption(
      new Option('--set <key=value>', 'replace a setting, such as optimizer.learningRate=1e-3').argParser(gather),
    )
    .addOption(new Option('--epochs <n>', 'passes over the training data').argParser(wholeNumber(1)))
    .addOption(new Option('--max-steps <n>', 'end after so many steps').argParser(wholeNumber(1)))
    .addOption(new Option('--seed <n>', 'what all randomness follows from').argParser(wholeNumber(0)))
    .addOption(new Option('--backend <name>', 'what to compute on').choices(['auto', ...backendNames]).default('auto'))
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
      await runTraining(
        await overridden(definition, options),
        { backend, definitionFile: path.relative(process.cwd(), path.resolve(config)) },
        { store: options.store, json: options.json === true },
      )
    })
}

async function overridden(
  definition: RunDefinition,
  { set = [], epochs, maxSteps, seed }: TrainOptions,
): Promise<RunDefinition> {
  const { handedIn } = await import('../../trainer/run-definition.ts')
  const objects = handedIn(definition)
  const settings = Object.fromEntries(Object.entries(definition).filter(([name]) => !objects.includes(name)))
  const changed = withOverrides(settings, set)
  const part = objects.find(name => name in changed)
  if (part !== undefined)
    throw new UsageError(`There is no setting "${part}" to replace; it is given in the configuration file.`)
  const given = Object.entries({ epochs, maxSteps, seed }).filter(([, value]) => value !== undefined)
  return { ...definition, ...changed, ...Object.fromEntries(given) }
}
