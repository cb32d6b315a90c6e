import path from 'node:path'
import { Argument, Command, Option } from 'commander'
import { type BackendChoice, backendNames } from '../../backends/backend.ts'
import { prepareBackend } from '../../backends/prepare-backend.ts'
import type { RunDefinition } from '../../trainer/run-definition.ts'
import { gather, type JsonOptions, jsonOption, type StoreOptions, storeOption, wholeNumber } from '../common-options.ts'
import { loadDefinition } from '../load-definition.ts'
import { withOverrides } from '../overrides.ts'
import { runTraining } from '../run-training.ts'

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
      const backend = await prepareBackend(options.backend)
      const definition = await loadDefinition(config, backend.name)
      await runTraining(
        overridden(definition, options),
        { backend, definitionFile: path.relative(process.cwd(), path.resolve(config)) },
        { store: options.store, json: options.json === true },
      )
    })
}

function overridden(definition: RunDefinition, { set = [], epochs, maxSteps, seed }: TrainOptions): RunDefinition {
  const { trainData, valData, tokenizer, subscribers, ...settings } = definition
  const given = Object.entries({ epochs, maxSteps, seed }).filter(([, value]) => value !== undefined)
  return { ...definition, ...withOverrides(settings, set), ...Object.fromEntries(given) }
}
