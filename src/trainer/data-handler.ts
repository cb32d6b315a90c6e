import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { prettifyError } from 'zod'
import { type Augmentation, type AugmentationInput, augmentationSchema } from '../data/augmentation.ts'
import type { Colour } from '../data/decode-picture.ts'
import { ImageReader, type ImageReaderOptions } from '../data/image-reader.ts'
import { ImageThread } from '../data/image-thread.ts'
import { type DecodeProgress, decodePictures, type SkippedSample } from '../data/picture-cache.ts'
import { sampleGroups } from '../data/sample-groups.ts'
import type { Source } from '../data/source.ts'
import { TokenTable } from '../data/token-table.ts'
import { TrainingOrder } from '../data/training-order.ts'
import { ChronogradError } from '../errors/chronograd-error.ts'
import type { Tokenizer } from '../learning/tokenizer/tokenizer.ts'
import type { TrainingBatch } from '../learning/training-batch.ts'
import { Random } from '../random/random.ts'
import { cacheFolder } from '../storage/cache-folder.ts'
import type { CaptionBatch, EvaluationData, PictureBatch } from './evaluation-data.ts'

export interface DataHandlerOptions {
  readonly source: Source
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
  /** The share of samples that may turn out to be unusable before `prepare` gives up; 0.05 unless told. */
  readonly maximumBadShare?: number
}

/** A batch with what it was made of. */
export interface Batch extends TrainingBatch {
  /** Each sample's index in the source. */
  readonly samples: Uint32Array
  /** Each sample's key; read from the source when asked for. */
  readonly keys: readonly string[]
  /** The text behind each row of tokens; read from the source when asked for. */
  readonly captions: readonly string[]
}

/** The data cannot be used as asked: too much of it is broken, too little is left, or `prepare` was not called. */
export class DataHandlerError extends ChronogradError {}

interface Prepared {
  readonly usable: Uint32Array
  readonly sha256: string
  readonly order: TrainingOrder
  readonly tokens: TokenTable
  readonly groups: Int32Array
  readonly images: ImageReaderOptions
  readonly reader: ImageReader
}

const white: Colour = [255, 255, 255]

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
export class DataHandler implements EvaluationData {
  readonly source: Source
  readonly #options: DataHandlerOptions
  readonly #augmentation: Augmentation | undefined
  #prepared: Prepared | undefined
  /** Started by the first training batch; evaluation does without. */
  #thread: ImageThread | undefined
  #ahead: { readonly step: number; readonly images: Promise<Float32Array> } | undefined

  /** @throws DataHandlerError where an option cannot be */
  constructor(options: DataHandlerOptions) {
    this.source = options.source
    this.#options = options
    for (const name of ['imageSize', 'batchSize', 'tokenLength'] as const) {
      if (!Number.isInteger(options[name]) || options[name] < 1) {
        throw new DataHandlerError(`${name} is ${options[name]}; give a whole number from 1.`)
      }
    }
    if (options.augmentation !== undefined) {
      const parsed = augmentationSchema.safeParse(options.augmentation)
      if (!parsed.success) throw new DataHandlerError(`The augmentation is not valid: ${prettifyError(parsed.error)}`)
      this.#augmentation = parsed.data
    }
  }

  /**
   * Decodes what was not decoded before and encodes the captions. To be awaited once, before anything else.
   *
   * @param options `onSkipped` is told of every unusable sample, also when there turn out to be too many
   * @returns the samples that are left out because their pictures cannot be decoded
   * @throws DataHandlerError where more than the allowed share is left out
   */
  async prepare({
    onProgress,
    onSkipped,
  }: {
    onProgress?: (progress: DecodeProgress) => void
    onSkipped?: (sample: SkippedSample) => void
  } = {}): Promise<readonly SkippedSample[]> {
    await this.close()
    const { source } = this
    const { tokenizer, imageSize: size, batchSize, tokenLength, seed, background = white } = this.#options
    const { cacheDirectory = join(cacheFolder(), 'pictures') } = this.#options
    const decoded = await decodePictures(source, {
      size,
      background,
      directory: cacheDirectory,
      ...(onProgress && { onProgress }),
    })
    for (const sample of decoded.skipped) onSkipped?.(sample)
    const usable = this.#usable(decoded.skipped)
    const order = new TrainingOrder({ seed, samples: usable, batchSize })
    const tokens = new TokenTable(source, text => tokenizer.encode(text, tokenLength), tokenLength)
    const images = { path: decoded.path, size, seed, background, augmentation: this.#augmentation }
    this.#prepared = {
      usable,
      sha256: this.#contentHash(decoded.sha256, usable),
      order,
      tokens,
      groups: sampleGroups(source),
      images,
      reader: new ImageReader(images),
    }
    return decoded.skipped
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
   * sample comes at most once an epoch, with one of its captions. The batch after it is begun in another thread.
   *
   * @throws DataHandlerError where there are fewer usable samples than make a batch
   */
  async batch(step: number): Promise<Batch> {
    const { order, images, tokens } = this.#ready()
    if (order.stepsPerEpoch === 0) {
      const { batchSize } = this.#options
      throw new DataHandlerError(
        `Source ${this.source.name} has ${this.length} usable samples, fewer than a batch of ${batchSize}; lower batchSize.`,
      )
    }
    this.#thread ??= new ImageThread(images)
    const thread = this.#thread
    const { epoch, samples } = order.step(step)
    const request = this.#ahead?.step === step ? this.#ahead.images : thread.varied(samples, epoch)
    const next = order.step(step + 1)
    const ahead = thread.varied(next.samples, next.epoch)
    // Whoever asks for the next batch gets its error; until then it is nobody's.
    ahead.catch(() => undefined)
    this.#ahead = { step: step + 1, images: ahead }
    return this.#assemble(await request, samples, sample =>
      new Random(this.#options.seed, 'caption', epoch, sample).integer(tokens.captionCount(sample)),
    )
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

  /** Ends the thread and closes the file that `prepare` opened. Batches that were made stay valid. */
  async close(): Promise<void> {
    const [prepared, thread] = [this.#prepared, this.#thread]
    this.#prepared = undefined
    this.#thread = undefined
    this.#ahead = undefined
    prepared?.reader.close()
    await thread?.close()
  }

  #ready(): Prepared {
    if (this.#prepared === undefined) throw new DataHandlerError('The data is not prepared; await prepare() first.')
    return this.#prepared
  }

  #contentHash(picturesHash: string, usable: Uint32Array): string {
    const hash = createHash('sha256').update(picturesHash)
    for (const index of usable) {
      const { key, captions, group } = this.source.sample(index)
      hash.update(JSON.stringify([index, key, captions, group]))
    }
    return hash.digest('hex')
  }

  #usable(skipped: readonly SkippedSample[]): Uint32Array {
    const { source } = this
    const { maximumBadShare = 0.05 } = this.#options
    if (skipped.length > maximumBadShare * source.length) {
      const [first] = skipped
      throw new DataHandlerError(
        `${skipped.length} of the ${source.length} pictures of ${source.name} cannot be decoded, more than the allowed ` +
          `share of ${maximumBadShare}; the first is ${first?.key} (${first?.reason}).`,
      )
    }
    const bad = new Set(skipped.map(({ index }) => index))
    return Uint32Array.from({ length: source.length }, (_, index) => index).filter(index => !bad.has(index))
  }

  #assemble(images: Float32Array, samples: Uint32Array, captionOf: (sample: number) => number): Batch {
    const { source } = this
    const { tokens: table, groups } = this.#ready()
    const { imageSize, tokenLength } = this.#options
    const chosen = Array.from(samples, captionOf)
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
