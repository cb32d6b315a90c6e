import { closeSync, openSync, readSync } from 'node:fs'
import { ChronogradError } from '../errors/chronograd-error.ts'
import { Random } from '../random/random.ts'
import type { Augmentation } from './augmentation.ts'
import { Augmenter, toFloats } from './augmenter.ts'
import type { Colour } from './decode-picture.ts'

export interface ImageReaderOptions {
  /** The file of decoded pictures that `decodePictures` wrote. */
  readonly path: string
  /** Side of the square pictures in pixels. */
  readonly size: number
  readonly seed: number
  /** Without it pictures are read as they are, whatever the epoch. */
  readonly augmentation?: Augmentation | undefined
  /** The colour that augmentation shows outside of a picture. */
  readonly background: Colour
}

/** The file of decoded pictures was cut short while it was in use. */
export class ImageReaderError extends ChronogradError {}

/** Reads decoded pictures as a model wants them: floats in [-1, 1], varied if augmentation is on. */
export class ImageReader {
  readonly #options: ImageReaderOptions
  readonly #descriptor: number
  readonly #record: Uint8Array
  readonly #augmenter: Augmenter | undefined

  constructor(options: ImageReaderOptions) {
    const { path, size, augmentation, background } = options
    this.#options = options
    this.#record = new Uint8Array(size * size * 3)
    this.#augmenter = augmentation && new Augmenter(size, augmentation, background)
    this.#descriptor = openSync(path, 'r')
  }

  /** The pictures of `samples` as they are: `samples.length` × size × size × 3 floats. */
  plain(samples: Uint32Array, images = this.#room(samples)): Float32Array {
    this.#read(samples, (record, _, offset) => toFloats(record, 0, record.length, images, offset))
    return images
  }

  /**
   * The pictures of `samples` as training sees them in `epoch`, which is for each a function of (seed, epoch, sample).
   *
   * @param images where they go; an array of their own unless told
   */
  varied(samples: Uint32Array, epoch: number, images = this.#room(samples)): Float32Array {
    const augmenter = this.#augmenter
    if (augmenter === undefined) return this.plain(samples, images)
    const { seed } = this.#options
    this.#read(samples, (record, sample, offset) => {
      augmenter.augment(record, 0, new Random(seed, 'augmentation', epoch, sample), images, offset)
    })
    return images
  }

  close(): void {
    closeSync(this.#descriptor)
  }

  #room(samples: Uint32Array): Float32Array {
    return new Float32Array(samples.length * this.#record.length)
  }

  #read(samples: Uint32Array, use: (record: Uint8Array, sample: number, offset: number) => void): void {
    const record = this.#record
    for (const [place, sample] of samples.entries()) {
      if (readSync(this.#descriptor, record, 0, record.length, sample * record.length) !== record.length) {
        throw new ImageReaderError(
          `${this.#options.path} ends before the picture of sample ${sample}; delete the file, so that it is made anew.`,
        )
      }
      use(record, sample, place * record.length)
    }
  }
}
