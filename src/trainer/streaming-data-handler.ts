import type { Augmentation } from '../data/augmentation.ts'
import type { Colour } from '../data/decode-picture.ts'
import type { SampleTexts } from '../data/decoded-source.ts'
import { MadeAhead } from '../data/made-ahead.ts'
import type { SkippedSample } from '../data/picture-cache.ts'
import { groupNumbers } from '../data/sample-groups.ts'
import { indexShards } from '../data/shard-index.ts'
import { sharedFloats, sharedIntegers } from '../data/shared-memory.ts'
import type { Sample } from '../data/source.ts'
import { SourceError } from '../data/source-error.ts'
import { StreamedOrder } from '../data/streamed-order.ts'
import { asStreamed } from '../data/streamed-source.ts'
import { ThreadTeam, usualThreads } from '../data/thread-team.ts'
import type { Window, Windows } from '../data/window-reader.ts'
import { openWindows } from '../data/window-thread.ts'
import type { Tokenizer, TokenizerJson } from '../learning/tokenizer/tokenizer.ts'
import { Random } from '../random/random.ts'
import type { Batch } from './data-handler.ts'
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
import type { PrepareOptions, TrainingSplit } from './split.ts'

export interface StreamingDataHandlerOptions extends DataHandlerOptions {
  readonly tokenizer: Tokenizer
  /** How many samples are shuffled among each other; up to three times as many pictures are in memory, encoded as they are read. */
  readonly buffer: number
}

/** What the threads that make batches are started with. */
export interface StreamingBatchOptions {
  readonly tokenizer: TokenizerJson
  readonly size: number
  readonly tokenLength: number
  readonly seed: number
  readonly augmentation: Augmentation | undefined
  readonly background: Colour
}

/** Some rows of a batch, whose pictures a thread makes floats, and their captions tokens. */
export interface StreamingBatchQuestion {
  readonly pictures: readonly Sample['image'][]
  readonly captions: readonly string[]
  readonly samples: Uint32Array
  readonly epoch: number
  /** Where the floats go. */
  readonly images: Float32Array
  /** Where the tokens go. */
  readonly tokens: Int32Array
}

/** A picture that cannot be decoded, among the rows that were asked for. */
export interface BrokenRow {
  readonly sample: number
  readonly reason: string
}

interface Prepared {
  readonly order: StreamedOrder
  readonly sha256: string
  readonly windows: Windows
  readonly threads: ThreadTeam<StreamingBatchQuestion, readonly BrokenRow[]>
}

/**
 * Makes training batches from data whose decoded pictures are too many for the disk: shards are read anew each epoch, in
 * an order and shuffled in a buffer that both follow from (seed, epoch). What is kept of the data is an index. Pictures are
 * decoded in other threads, when their batch is made.
 *
 * Every batch is a function of (source, options, step), as with `DataHandler`. A fresh handler that is asked for any
 * step reads the windows which that step needs, and no more than the beginning of one shard before them.
 *
 * @example
 * const source = webDataset('laion/{00000..00999}.tar')
 * const data = new StreamingDataHandler({ source, tokenizer, buffer: 8192, imageSize: 64, batchSize: 256, tokenLength: 16, seed: 1 })
 * await data.prepare()
 * const batch = await data.batch(0)
 * await data.close()
 */
export class StreamingDataHandler implements TrainingSplit {
  readonly name: string
  readonly #options: StreamingDataHandlerOptions
  readonly #augmentation: Augmentation | undefined
  #prepared: Prepared | undefined
  /** Windows that are read or being read, by epoch and number. */
  readonly #windows = new Map<string, Promise<Window>>()
  /** The reader reads one window at a time. */
  #reading: Promise<unknown> = Promise.resolve()
  readonly #batches = new MadeAhead(step => this.#make(step))

  /** @throws DataHandlerError where an option cannot be */
  constructor(options: StreamingDataHandlerOptions) {
    this.name = options.source.name
    this.#options = options
    const { imageSize, batchSize, tokenLength, buffer, threads = usualThreads } = options
    assertWholeNumbers({ imageSize, batchSize, tokenLength, buffer, threads })
    this.#augmentation = parseAugmentation(options.augmentation)
  }

  /**
   * Reads all shards through once, decoding every picture, unless an earlier start did; keeps an index of them.
   *
   * @throws DataHandlerError where more than the allowed share is left out
   * @throws SourceError where a shard is missing or damaged
   */
  async prepare({ onProgress, onSkipped }: PrepareOptions = {}): Promise<readonly SkippedSample[]> {
    await this.close()
    const { batchSize, tokenLength, seed, buffer, tokenizer, threads = usualThreads } = this.#options
    const decoding = decodingOf(this.#options, onProgress)
    const { size, background } = decoding
    const shards = await asStreamed(this.#options.source).shards()
    const index = await indexShards(this.name, shards, decoding)
    const skipped = skippedSamples(
      this.name,
      index.shards.flatMap(({ unusable }) => unusable),
    )
    for (const sample of skipped) onSkipped?.(sample)
    const total = index.shards.reduce((sum, { entries }) => sum + entries, 0)
    assertFewSkipped(this.name, skipped, total, this.#options)
    const shardLengths = index.shards.map(({ entries, unusable }) => entries - unusable.length)
    const batchOptions: StreamingBatchOptions = {
      tokenizer: tokenizer.toJSON(),
      size,
      tokenLength,
      seed,
      augmentation: this.#augmentation,
      background,
    }
    this.#prepared = {
      order: new StreamedOrder({ seed, shardLengths, batchSize, buffer }),
      sha256: index.sha256,
      windows: openWindows(shards, index),
      threads: new ThreadTeam(
        'makes batches',
        new URL('./streaming-batch-worker', import.meta.url),
        batchOptions,
        threads,
      ),
    }
    return skipped
  }

  /** How many samples are used: those of all shards less those that `prepare` left out. */
  get length(): number {
    return this.#ready().order.length
  }

  /** A hash over all that is learnt from: pictures as they were decoded, keys, captions and groups. */
  get sha256(): string {
    return this.#ready().sha256
  }

  /** How many full batches an epoch has. */
  get stepsPerEpoch(): number {
    return this.#ready().order.stepsPerEpoch
  }

  /**
   * The batch of one training step, counted from 0 over all epochs. The batches after it are begun in other threads, and
   * the window after those that they need is being read.
   *
   * @throws DataHandlerError where there are fewer usable samples than make a batch
   * @throws SourceError where the shards have changed since they were prepared
   */
  async batch(step: number): Promise<Batch> {
    const { order } = this.#ready()
    if (order.stepsPerEpoch === 0) throw tooFewSamples(this.name, order.length, this.#options.batchSize)
    return await this.#batches.get(step)
  }

  /** Ends the threads and the reading. Batches that were made stay valid. */
  async close(): Promise<void> {
    const prepared = this.#prepared
    this.#prepared = undefined
    this.#windows.clear()
    this.#batches.clear()
    await this.#reading
    await prepared?.windows.close()
    await prepared?.threads.close()
  }

  #ready(): Prepared {
    if (this.#prepared === undefined) throw new DataHandlerError('The data is not prepared; await prepare() first.')
    return this.#prepared
  }

  async #make(step: number): Promise<Batch> {
    const { order, threads } = this.#ready()
    const { imageSize, batchSize, tokenLength, seed } = this.#options
    const { epoch, places } = order.step(step)
    const windows = await this.#windowsOf(epoch, [...new Set(places.map(({ window }) => window))])

    const pictures: Sample['image'][] = []
    const texts: SampleTexts[] = []
    for (const { window, place } of places) {
      const { images, texts: all } = windows.get(window) as Window
      pictures.push(images[place] as Sample['image'])
      texts.push(all[place] as SampleTexts)
    }
    const samples = Uint32Array.from(places, ({ sample }) => sample)
    const captions = texts.map(
      ({ captions: all }, row) =>
        all[new Random(seed, 'caption', epoch, samples[row] as number).integer(all.length)] as string,
    )
    const pictureLength = imageSize * imageSize * 3
    const images = sharedFloats(batchSize * pictureLength)
    const tokens = sharedIntegers(batchSize * tokenLength)
    const broken = await threads.share(batchSize, (from, to) => ({
      pictures: pictures.slice(from, to),
      captions: captions.slice(from, to),
      samples: samples.slice(from, to),
      epoch,
      images: images.subarray(from * pictureLength, to * pictureLength),
      tokens: tokens.subarray(from * tokenLength, to * tokenLength),
    }))
    const keys = texts.map(({ key }) => key)
    const [unusable] = broken.flat()
    if (unusable !== undefined) {
      const key = keys[samples.indexOf(unusable.sample)]
      throw SourceError.changed(`The source ${this.name}`, `${key} cannot be used: ${unusable.reason}`)
    }
    const groups = groupNumbers(texts.length, row => texts[row]?.group)
    return { images, imageSize, tokens, tokenLength, groups, size: batchSize, samples, keys, captions }
  }

  /** The windows with these numbers; the one after them is begun, and those before them are let go. */
  async #windowsOf(epoch: number, numbers: readonly number[]): Promise<ReadonlyMap<number, Window>> {
    const { order } = this.#ready()
    const last = Math.max(...numbers)
    const following = last + 1 < order.windowsPerEpoch ? [epoch, last + 1] : [epoch + 1, 0]
    const wanted = [...numbers.map(number => [epoch, number]), following] as [number, number][]
    const names = new Set(wanted.map(([of, number]) => `${of}/${number}`))
    for (const name of this.#windows.keys()) if (!names.has(name)) this.#windows.delete(name)
    for (const [of, number] of wanted) this.#begin(of, number)
    const read = numbers.map(async number => [number, await this.#begin(epoch, number)] as const)
    return new Map(await Promise.all(read))
  }

  #begin(epoch: number, number: number): Promise<Window> {
    const name = `${epoch}/${number}`
    const begun = this.#windows.get(name)
    if (begun !== undefined) return begun
    const { order, windows } = this.#ready()
    const window = this.#reading.then(() => windows.read(order.window(epoch, number)))
    this.#windows.set(name, window)
    // Whoever needs the window gets its error.
    this.#reading = window.catch(() => undefined)
    return window
  }
}
