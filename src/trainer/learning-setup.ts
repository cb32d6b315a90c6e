import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { SkippedSample } from '../data/picture-cache.ts'
import type { Source } from '../data/source.ts'
import { ChronogradError } from '../errors/chronograd-error.ts'
import { Tokenizer } from '../learning/tokenizer/tokenizer.ts'
import { trainTokenizer } from '../learning/tokenizer/train-tokenizer.ts'
import { writeFileAtomically } from '../storage/atomic-file.ts'
import { DataHandler, DataHandlerError, type DataHandlerOptions } from './data-handler.ts'
import type { RunDefinition } from './run-definition.ts'
import type { RunSettings } from './run-settings.ts'

/** How far the data is, for whoever shows it. */
export interface PreparationProgress {
  readonly source: string
  readonly done: number
  readonly total: number
}

/** A run's data, ready to be read. */
export interface PreparedData {
  readonly train: DataHandler
  readonly validation: DataHandler | undefined
  readonly tokenizer: Tokenizer
  readonly skipped: { readonly train: readonly SkippedSample[]; readonly validation: readonly SkippedSample[] }
}

/**
 * Makes a run's data ready: the tokenizer, decoded pictures, encoded captions.
 *
 * @param onSkipped is told of every unreadable sample, before it is known whether there are too many
 */
export async function prepareData(
  definition: RunDefinition,
  settings: RunSettings,
  options: {
    runFolder: string
    onProgress?: ((progress: PreparationProgress) => void) | undefined
    onSkipped: (sample: SkippedSample) => void
  },
): Promise<PreparedData> {
  const { trainData, valData } = definition
  const tokenizer = await prepareTokenizer(definition, settings, options.runFolder)
  const { dataHandler = (options: DataHandlerOptions) => new DataHandler(options) } = definition.parts ?? {}
  const handlerOf = (source: Source, training: boolean) =>
    dataHandler({
      source,
      tokenizer,
      imageSize: settings.imageSize,
      batchSize: settings.batchSize,
      tokenLength: settings.tokenLength,
      seed: settings.seed,
      maximumBadShare: settings.maximumBadShare,
      ...(training && settings.augmentation !== null ? { augmentation: settings.augmentation } : {}),
    })
  const train = handlerOf(trainData, true)
  const validation = valData && handlerOf(valData, false)
  const prepare = async (handler: DataHandler) =>
    await handler.prepare({
      onProgress: progress => options.onProgress?.({ source: handler.source.name, ...progress }),
      onSkipped: options.onSkipped,
    })
  try {
    const skippedInTraining = await prepare(train)
    if (train.stepsPerEpoch === 0) {
      throw new DataHandlerError(
        `Source ${trainData.name} has ${train.length} usable samples, fewer than a batch of ${settings.batchSize}; lower batchSize.`,
      )
    }
    const skipped = { train: skippedInTraining, validation: validation ? await prepare(validation) : [] }
    if (validation?.length === 0) {
      throw new DataHandlerError(`Source ${validation.source.name} has no usable sample to evaluate on; leave it out.`)
    }
    return { train, validation, tokenizer, skipped }
  } catch (error) {
    await train.close()
    await validation?.close()
    throw error
  }
}

/** The tokenizer that the run began with, where there is one; else the given one, or one trained on the captions. */
async function prepareTokenizer(
  { tokenizer, trainData }: RunDefinition,
  { vocabularySize }: RunSettings,
  runFolder: string,
): Promise<Tokenizer> {
  const file = path.join(runFolder, 'tokenizer.json')
  try {
    return Tokenizer.fromJSON(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw new ChronogradError(`The run's tokenizer ${file} is damaged; delete it, so that it is made again.`, {
        cause: error,
      })
    }
  }
  const chosen = tokenizer ?? trainTokenizer(captionsOf(trainData), { vocabularySize })
  await writeFileAtomically(file, handle => writeFile(handle, JSON.stringify(chosen.toJSON())))
  return chosen
}

function* captionsOf(source: Source): Generator<string> {
  for (let index = 0; index < source.length; index++) yield* source.sample(index).captions
}
