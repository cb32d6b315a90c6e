import { createHash } from 'node:crypto'
import type { Augmentation } from '../data/augmentation.ts'
import { ImageReader, type ImageReaderOptions } from '../data/image-reader.ts'
import { ImageThreads } from '../data/image-threads.ts'
import { MadeAhead } from '../data/made-ahead.ts'
import { decodePictures, type SkippedSample, type UndecodableSample } from '../data/picture-cache.ts'
import { openSource } from '../data/read-source.ts'
import { sampleGroups } from '../data/sample-groups.ts'
import type { Source } from '../data/source.ts'
import { usualThreads } from '../data/thread-team.ts'
import { TokenTable } from '../data/token-table.ts'
import { TrainingOrder } from '../data/training-order.ts'
import type { TrainingBatch } from '../learning/training-batch.ts'
import { Random } from '../random/random.ts'
import {
  assertFewSkipped,
  assertWholeNumbers,
  DataHandlerError,
  type DataHandlerOptions,
  decodingOf,
  parseAugmentation,
  skippedSamples,
  tooFewSamples,
} from './data-options.ts'
import type { CaptionBatch, PictureBatch } from './evaluation-data.ts'
import type { EvaluationSplit, PrepareOptions, TrainingSplit } from './split.ts'

/** A batch with what it was made of. */
export interface Batch extends TrainingBatch {
  /** Each sample's index in the source. */
  readonly samples: Uint32Array
  /** Each sample's key; read from the source when asked for. */
  readonly keys: readonly string[]
  /** The text behind each row of tokens; read from the source when asked for. */
  readonly captions: readonly string[]
}

interface Prepared {
  readonly source: Source
  readonly usable: Uint32Array
  readonly sha256: string
  readonly order: TrainingOrder
  readonly tokens: TokenTable
  readonly groups: Int32Array
  readonly images: ImageReaderOptions
  readonly reader: ImageReader
}

/**
 * Makes one split's batches: decodes pictures once, encodes texts, orders, varies and groups.
 *
 * Every batch is a function of (source, options, step): any step's batch can be made at once in any process, with no
 * state to carry and none to lose. That is what makes a resumed run exact, and resuming quick.
 *
 * @example
 * const data = new DataHandler({ source, tokenizer, imageSize: 32, batchSize: 256, tokenLength: 16, seed: 1 })
 * const skipped = await data.prepare()
 * for (let step = 0; step < data.stepsPerEpoch; step++) train(await data.batch(step))
 * const measured = await new Evaluation({ model, data }).run()
 * await data.close()
 */
export class DataHandler implements TrainingSplit, EvaluationSplit {
  readonly name: string
  readonly #options: DataHandlerOptions
  readonly #augmentation: Augmentation | undefined
  #prepared: Prepared | undefined
  /** Started by the first training batch; evaluation does without. */
  #threads: ImageThreads | undefined
  readonly #batches = new MadeAhead(step => this.#make(step))

  /** @throws DataHandlerError where an option cannot be */
  constructor(options: DataHandlerOptions) {
    this.name = options.source.name
    this.#options = options
    const { imageSize, batchSize, tokenLength, threads = usualThreads } = options
    assertWholeNumbers({ imageSize, batchSize, tokenLength, threads })
    this.#augmentation = parseAugmentation(options.augmentation)
  }

  /**
   * Decodes what was not decoded before and encodes the captions. To be awaited once, before anything else. A streamed
   * source is read through.
   *
   * @param options `onSkipped` is told of every unusable sample, also when there turn out to be too many
   * @returns the samples that are left out: those that the source cannot give, and those whose pictures cannot be decoded
   * @throws DataHandlerError where more than the allowed share is left out
   * @throws SourceError where the source is missing or damaged
   */
  async prepare({ onProgress, onSkipped }: PrepareOptions = {}): Promise<readonly SkippedSample[]> {
    await this.close()
    const { tokenizer, batchSize, tokenLength, seed } = this.#options
    const decoding = decodingOf(this.#options, onProgress)
    const { size, background } = decoding
    const source = await openSource(this.#options.source, decoding)
    const decoded = await decodePictures(source, decoding)
    const { unusable = [] } = source
    const skipped = [...skippedSamples(this.name, unusable), ...decoded.skipped]
    for (const sample of skipped) onSkipped?.(sample)
    assertFewSkipped(this.name, skipped, source.length + unusable.length, this.#options)
    const usable = usableOf(source, decoded.skipped)
    const images = { path: decoded.path, size, seed, background, augmentation: this.#augmentation }
    this.#prepared = {
      source,
      usable,
      sha256: contentHash(source, decoded.sha256, usable),
      order: new TrainingOrder({ seed, samples: usable, batchSize }),
      tokens: new TokenTable(source, text => tokenizer.encode(text, tokenLength), tokenLength),
      groups: sampleGroups(source),
      images,
      reader: new ImageReader(images),
    }
    return skipped
  }

  /** The source as it is read at any index: the given one, or what came of reading a streamed one. */
  get source(): Source {
    return this.#ready().source
  }

  /** How many samples are used: those of the source less those that `prepare` left out. */
  get length(): number {
    return this.#ready().usable.length
  }

  /** A hash over all that is learnt or measured from: pictures as they were decoded, keys, captions and groups. */
  get sha256(): string {
    return this.#ready().sha256
  }

  /** How many full batches an epoch has. */
  get stepsPerEpoch(): number {
    return this.#ready().order.stepsPerEpoch
  }

  /**
   * The batch of one training step, counted from 0 over all epochs: batch `s` is what to learn from after `s` steps. Each
   * sample comes at most once an epoch, with one of its captions. The batches after it are begun in other threads.
   *
   * @throws DataHandlerError where there are fewer usable samples than make a batch
   */
  async batch(step: number): Promise<Batch> {
    if (this.stepsPerEpoch === 0) throw tooFewSamples(this.name, this.length, this.batchSize)
    return await this.#batches.get(step)
  }

  /** How many samples a batch has. */
  get batchSize(): number {
    return this.#options.batchSize
  }

  /** Every usable picture once, as it is, in the source's order. The last batch may be smaller than the others. */
  async *pictureBatches(): AsyncGenerator<PictureBatch, void, void> {
    const { usable, reader, groups } = this.#ready()
    const { source, batchSize } = this
    for (let first = 0; first < usable.length; first += batchSize) {
      const samples = usable.slice(first, first + batchSize)
      yield {
        images: reader.plain(samples),
        imageSize: this.#options.imageSize,
        size: samples.length,
        groups: Int32Array.from(samples, sample => groups[sample] as number),
        keys: Array.from(samples, sample => source.sample(sample).key),
      }
    }
  }

  /** Every caption of every usable picture, in the order of `pictureBatches`. The last batch may be smaller. */
  async *captionBatches(): AsyncGenerator<CaptionBatch, void, void> {
    const { usable, tokens: table } = this.#ready()
    const { source, batchSize } = this
    const { tokenLength } = this.#options
    const pairs = Array.from(usable, (sample, picture) =>
      Array.from({ length: table.captionCount(sample) }, (_, caption) => ({ sample, picture, caption })),
    ).flat()
    for (let first = 0; first < pairs.length; first += batchSize) {
      const chosen = pairs.slice(first, first + batchSize)
      const tokens = new Int32Array(chosen.length * tokenLength)
      for (const [row, { sample, caption }] of chosen.entries()) {
        tokens.set(table.tokens(sample, caption), row * tokenLength)
      }
      yield {
        tokens,
        tokenLength,
        size: chosen.length,
        pictures: Uint32Array.from(chosen, ({ picture }) => picture),
        captions: chosen.map(({ sample, caption }) => source.sample(sample).captions[caption] as string),
      }
    }
  }

  /** Ends the threads and closes the file that `prepare` opened. Batches that were made stay valid. */
  async close(): Promise<void> {
    const [prepared, threads] = [this.#prepared, this.#threads]
    this.#prepared = undefined
    this.#threads = undefined
    this.#batches.clear()
    prepared?.reader.close()
    await threads?.close()
  }

  #ready(): Prepared {
    if (this.#prepared === undefined) throw new DataHandlerError('The data is not prepared; await prepare() first.')
    return this.#prepared
  }

  async #make(step: number): Promise<Batch> {
    const { source, order, images: read, tokens: table, groups } = this.#ready()
    const { imageSize, tokenLength, seed } = this.#options
    this.#threads ??= new ImageThreads(read, this.#options.threads)
    const { epoch, samples } = order.step(step)
    const images = await this.#threads.varied(samples, epoch)
    const chosen = Array.from(samples, sample =>
      new Random(seed, 'caption', epoch, sample).integer(table.captionCount(sample)),
    )
    const tokens = new Int32Array(samples.length * tokenLength)
    for (const [place, sample] of samples.entries()) {
      tokens.set(table.tokens(sample, chosen[place] as number), place * tokenLength)
    }
    return {
      images,
      imageSize,
      tokens,
      tokenLength,
      groups: Int32Array.from(samples, sample => groups[sample] as number),
      size: samples.length,
      samples,
      get keys() {
        return Array.from(samples, sample => source.sample(sample).key)
      },
      get captions() {
        return Array.from(samples, (sample, place) => source.sample(sample).captions[chosen[place] as number] as string)
      },
    }
  }
}

function contentHash(source: Source, picturesHash: string, usable: Uint32Array): string {
  const hash = createHash('sha256').update(picturesHash)
  for (const index of usable) {
    const { key, captions, group } = source.sample(index)
    hash.update(JSON.stringify([index, key, captions, group]))
  }
  return hash.digest('hex')
}

function usableOf(source: Source, undecodable: readonly UndecodableSample[]): Uint32Array {
  const bad = new Set(undecodable.map(({ index }) => index))
  return Uint32Array.from({ length: source.length }, (_, index) => index).filter(index => !bad.has(index))
}
