import { Argument, Command } from 'commander'
import { type JsonOptions, jsonOption } from '../common-options.ts'

/** `chronograd models`: the presets and how large they are, or one of them in detail. */
export function modelsCommand(): Command {
  return new Command('models')
    .description('Show the preset models: pictures, parameters, operations, memory; or one of them, layer by layer.')
    .addArgument(new Argument('[name]', 'the name of a preset'))
    .addOption(jsonOption('an array of { name, about, imageSize, tokenLength, vocabularySize, model, size }, or one'))
    .action(async (wanted: string | undefined, { json }: JsonOptions) => {
      // What computes is loaded only where it is needed, so that every other command starts at once.
      const { describeModel, describeModels } = await import('../model-report.ts')
      console.log(wanted === undefined ? describeModels(json === true) : describeModel(wanted, json === true))
    })
}
