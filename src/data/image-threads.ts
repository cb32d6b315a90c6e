import type { ImageReaderOptions } from './image-reader.ts'
import { sharedFloats } from './shared-memory.ts'
import { ThreadTeam, usualThreads } from './thread-team.ts'

export interface ImageQuestion {
  readonly samples: Uint32Array
  readonly epoch: number
  /** Where their pictures go. */
  readonly images: Float32Array
}

/** Threads that read and vary pictures while the main one trains: the same floats as `ImageReader.varied` gives. */
export class ImageThreads {
  readonly #team: ThreadTeam<ImageQuestion, undefined>
  readonly #pictureLength: number

  constructor(options: ImageReaderOptions, threads = usualThreads) {
    this.#team = new ThreadTeam('reads pictures', new URL('./image-worker', import.meta.url), options, threads)
    this.#pictureLength = options.size * options.size * 3
  }

  /** The pictures of `samples` in `epoch`: `samples.length` × size × size × 3 floats. */
  async varied(samples: Uint32Array, epoch: number): Promise<Float32Array> {
    const length = this.#pictureLength
    const images = sharedFloats(samples.length * length)
    await this.#team.share(samples.length, (from, to) => {
      return { samples: samples.slice(from, to), epoch, images: images.subarray(from * length, to * length) }
    })
    return images
  }

  /** Ends the threads; requests that are still open are rejected. */
  close(): Promise<void> {
    return this.#team.close()
  }
}
