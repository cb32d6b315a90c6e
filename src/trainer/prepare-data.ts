import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { captionsOf } from '../data/captions.ts'
import type { DecodeProgress, SkippedSample } from '../data/picture-cache.ts'
import { openSource } from '../data/read-source.ts'
import type { AnySource } from '../data/streamed-source.ts'
import { ChronogradError } from '../errors/chronograd-error.ts'
import { isNotThere } from '../errors/is-not-there.ts'
import type { TrainingData } from '../events/training-events.ts'
import { faultPoint } from '../faults/fault-point.ts'
import { Tokenizer } from '../learning/tokenizer/tokenizer.ts'
import { trainTokenizer } from '../learning/tokenizer/train-tokenizer.ts'
import { removeUnfinished, writeFileAtomically } from '../storage/atomic-file.ts'
import { DataHandler } from './data-handler.ts'
import { DataHandlerError, decodingOf, type SplitOptions, tooFewSamples } from './data-options.ts'
import type { RunDefinition } from './run-definition.ts'
import type { RunSettings } from './run-settings.ts'
import type { EvaluationSplit, Split, TrainingSplit } from './split.ts'
import { StreamingDataHandler } from './streaming-data-handler.ts'

/** How far the data is, for whoever shows it. */
export interface PreparationProgress {
  readonly source: string
  readonly done: number
  readonly total: number
}

/** A run's data, ready to be read. */
export interface PreparedData {
  readonly train: TrainingSplit
  readonly validation: EvaluationSplit | undefined
  readonly tokenizer: Tokenizer
  readonly skipped: { readonly train: readonly SkippedSample[]; readonly validation: readonly SkippedSample[] }
}

/**
 * Makes a run's data ready: the tokenizer, decoded pictures, encoded captions. A streamed source is read through first,
 * unless the run is to stream its training data.
 *
 * @param runFolder where the run's tokenizer lies; it is written there when there is none yet, unless `readOnly`
 * @param onSkipped is told of every unreadable sample, before it is known whether there are too many
 */
export async function prepareData(
  definition: RunDefinition,
  settings: RunSettings,
  options: {
    runFolder: string
    readOnly?: boolean
    onProgress?: ((progress: PreparationProgress) => void) | undefined
    onSkipped: (sample: SkippedSample) => void
  },
): Promise<PreparedData> {
  const { imageSize, batchSize, tokenLength, seed, maximumBadShare, augmentation, streaming } = settings
  const telling = (name: string) => (progress: DecodeProgress) => options.onProgress?.({ source: name, ...progress })
  const trainSource =
    streaming === null
      ? await openSource(definition.trainData, decodingOf(settings, telling(definition.trainData.name)))
      : definition.trainData
  const tokenizer = await prepareTokenizer(definition, settings, options, trainSource)
  const common = { tokenizer, imageSize, batchSize, tokenLength, seed, maximumBadShare }
  const { dataHandler = (given: SplitOptions) => new DataHandler(given) } = definition.parts ?? {}
  const makeTrainingSplit = (): TrainingSplit => {
    const given = { ...common, source: trainSource, ...(augmentation !== null && { augmentation }) }
    if (streaming === null) return dataHandler(given)
    const { buffer } = streaming
    return definition.parts?.dataHandler?.({ ...given, buffer }) ?? new StreamingDataHandler({ ...given, buffer })
  }
  const train = makeTrainingSplit()
  const validation = definition.valData && dataHandler({ ...common, source: definition.valData })
  const prepare = (split: Split) => split.prepare({ onProgress: telling(split.name), onSkipped: options.onSkipped })
  try {
    const skippedInTraining = await prepare(train)
    if (train.stepsPerEpoch === 0) throw tooFewSamples(train.name, train.length, batchSize)
    const skipped = { train: skippedInTraining, validation: validation ? await prepare(validation) : [] }
    if (validation?.length === 0) {
      throw new DataHandlerError(`Source ${validation.name} has no usable sample to evaluate on; leave it out.`)
    }
    return { train, validation, tokenizer, skipped }
  } catch (error) {
    await train.close()
    await validation?.close()
    throw error
  }
}

/** What a run's log says of its data, by which a resume knows it again. */
export function describeData({ train, validation, skipped }: PreparedData): TrainingData<'run.started'>['data'] {
  const described = ({ name, length, sha256 }: Split, { length: left }: readonly SkippedSample[]) => {
    return { name, samples: length, skipped: left, sha256 }
  }
  return {
    train: described(train, skipped.train),
    validation: validation ? described(validation, skipped.validation) : null,
  }
}

/** The tokenizer that the run began with, where there is one; else the given one, or one trained on the captions. */
async function prepareTokenizer(
  { tokenizer }: RunDefinition,
  { vocabularySize }: RunSettings,
  { runFolder, readOnly = false }: { runFolder: string; readOnly?: boolean },
  trainSource: AnySource,
): Promise<Tokenizer> {
  const file = path.join(runFolder, 'tokenizer.json')
  try {
    return Tokenizer.fromJSON(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    if (!isNotThere(error)) {
      throw new ChronogradError(`The run's tokenizer ${file} is damaged; delete it, so that it is made again.`, {
        cause: error,
      })
    }
  }
  const chosen = tokenizer ?? (await trainTokenizer(captionsOf(trainSource), { vocabularySize }))
  if (readOnly) return chosen
  // Half of one may be there, of a process that was killed; the run is locked, so nobody else is writing it.
  await removeUnfinished(file)
  await writeFileAtomically(file, handle => writeFile(handle, JSON.stringify(chosen.toJSON())))
  faultPoint('tokenizer.written')
  return chosen
}
