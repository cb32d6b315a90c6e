import type { ImageReaderOptions } from './image-reader.ts'
import { RequestThread } from './request-thread.ts'

export interface ImageQuestion {
  readonly samples: Uint32Array
  readonly epoch: number
}

/** A thread that reads and varies pictures while the main one trains: the same floats as `ImageReader.varied` gives. */
export class ImageThread {
  readonly #thread: RequestThread<ImageQuestion, Float32Array>

  constructor(options: ImageReaderOptions) {
    this.#thread = new RequestThread('reads pictures', new URL('./image-worker', import.meta.url), options)
  }

  /** The pictures of `samples` in `epoch`: `samples.length` × size × size × 3 floats. */
  varied(samples: Uint32Array, epoch: number): Promise<Float32Array> {
    return this.#thread.ask({ samples, epoch })
  }

  /** Ends the thread; requests that are still open are rejected. */
  close(): Promise<void> {
    return this.#thread.close()
  }
}
