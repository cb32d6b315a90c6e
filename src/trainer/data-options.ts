import { join } from 'node:path'
import { prettifyError } from 'zod'
import { type Augmentation, type AugmentationInput, augmentationSchema } from '../data/augmentation.ts'
import type { Colour } from '../data/decode-picture.ts'
import type { DecodeOptions, DecodeProgress, SkippedSample } from '../data/picture-cache.ts'
import type { UnusableSample } from '../data/source.ts'
import type { AnySource } from '../data/streamed-source.ts'
import { ChronogradError } from '../errors/chronograd-error.ts'
import type { Tokenizer } from '../learning/tokenizer/tokenizer.ts'
import { cacheFolder } from '../storage/cache-folder.ts'

export interface DataHandlerOptions {
  readonly source: AnySource
  readonly tokenizer: Pick<Tokenizer, 'encode'>
  /** Side of the square pictures that the model sees, in pixels. */
  readonly imageSize: number
  readonly batchSize: number
  /** Texts are cut or padded to this many tokens. */
  readonly tokenLength: number
  /** The run's seed: order, captions and augmentation follow from it. */
  readonly seed: number
  /** How training pictures are varied; not at all unless told. `{}` gives the defaults. */
  readonly augmentation?: AugmentationInput
  /** What shows through and beside pictures; white unless told. */
  readonly background?: Colour
  /** Where decoded pictures are kept; the user's cache folder unless told. */
  readonly cacheDirectory?: string
  /** How many threads make batches ready; one a processor, up to eight, unless told. Batches do not depend on it. */
  readonly threads?: number
  /** The share of samples that may turn out to be unusable before `prepare` gives up; 0.05 unless told. */
  readonly maximumBadShare?: number
}

/** What a trainer makes the handler of a split from. */
export interface SplitOptions extends DataHandlerOptions {
  readonly tokenizer: Tokenizer
  /** How many samples are shuffled among each other, where the run streams its training data. */
  readonly buffer?: number
}

/** The data cannot be used as asked: too much of it is broken, too little is left, or `prepare` was not called. */
export class DataHandlerError extends ChronogradError {}

const white: Colour = [255, 255, 255]

/** How a handler's pictures are decoded and where they are kept. */
export function decodingOf(
  {
    imageSize,
    background = white,
    cacheDirectory,
  }: Pick<DataHandlerOptions, 'imageSize' | 'background' | 'cacheDirectory'>,
  onProgress?: (progress: DecodeProgress) => void,
): DecodeOptions {
  const directory = cacheDirectory ?? join(cacheFolder(), 'pictures')
  return { size: imageSize, background, directory, ...(onProgress && { onProgress }) }
}

/** @throws DataHandlerError where one of the numbers is no whole number from 1 */
export function assertWholeNumbers(numbers: Readonly<Record<string, number>>): void {
  for (const [name, number] of Object.entries(numbers)) {
    if (!Number.isInteger(number) || number < 1) {
      throw new DataHandlerError(`${name} is ${number}; give a whole number from 1.`)
    }
  }
}

/** @throws DataHandlerError where a setting cannot be */
export function parseAugmentation(augmentation: AugmentationInput | undefined): Augmentation | undefined {
  if (augmentation === undefined) return undefined
  const parsed = augmentationSchema.safeParse(augmentation)
  if (!parsed.success) throw new DataHandlerError(`The augmentation is not valid: ${prettifyError(parsed.error)}`)
  return parsed.data
}

/** Unusable samples as they are told. */
export function skippedSamples(source: string, unusable: readonly UnusableSample[]): SkippedSample[] {
  return unusable.map(({ key, reason }) => ({ key, source, reason }))
}

/** @throws DataHandlerError where more than the allowed share of all samples is left out */
export function assertFewSkipped(
  source: string,
  skipped: readonly SkippedSample[],
  total: number,
  { maximumBadShare = 0.05 }: Pick<DataHandlerOptions, 'maximumBadShare'>,
): void {
  const [first] = skipped
  if (first === undefined || skipped.length <= maximumBadShare * total) return
  throw new DataHandlerError(
    `${skipped.length} of the ${total} samples of ${source} cannot be used, more than the allowed share of ` +
      `${maximumBadShare}; the first is ${first.key} (${first.reason}).`,
  )
}

/** The error of a source with fewer usable samples than make a batch. */
export function tooFewSamples(source: string, length: number, batchSize: number): DataHandlerError {
  return new DataHandlerError(
    `Source ${source} has ${length} usable samples, fewer than a batch of ${batchSize}; lower batchSize.`,
  )
}
