import type { Worker } from 'node:worker_threads'
import { ImageReaderError, type ImageReaderOptions } from './image-reader.ts'
import { startThread } from './start-thread.ts'

export interface ImageRequest {
  readonly id: number
  readonly samples: Uint32Array
  readonly epoch: number
}

export type ImageAnswer =
  | { readonly id: number; readonly images: Float32Array<ArrayBuffer> }
  | { readonly id: number; readonly error: string }

interface Waiting {
  resolve(images: Float32Array): void
  reject(error: Error): void
}

/**
 * A thread that reads and varies pictures while the main one trains: TensorFlow.js computes on the main thread, so only
 * another one can have the next batch ready. The answer is the same floats as `ImageReader.varied` gives.
 */
export class ImageThread {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  #requests = 0
  #ended: Error | undefined

  constructor(options: ImageReaderOptions) {
    this.#worker = startThread(new URL('./image-worker', import.meta.url), options)
    // An idle thread keeps no process alive; one that is asked for something does (see `varied`).
    this.#worker.unref()
    this.#worker.on('message', (answer: ImageAnswer) => this.#settle(answer))
    this.#worker.on('error', error => this.#end(error instanceof Error ? error : new Error(String(error))))
    this.#worker.on('exit', code => this.#end(new ImageReaderError(`The thread that reads pictures ended (${code}).`)))
  }

  /** The pictures of `samples` in `epoch`: `samples.length` × size × size × 3 floats. */
  varied(samples: Uint32Array, epoch: number): Promise<Float32Array> {
    const ended = this.#ended
    if (ended !== undefined) return Promise.reject(ended)
    return new Promise((resolve, reject) => {
      const id = this.#requests++
      this.#waiting.set(id, { resolve, reject })
      this.#worker.ref()
      this.#worker.postMessage({ id, samples, epoch } satisfies ImageRequest)
    })
  }

  /** Ends the thread; requests that are still open are rejected. */
  async close(): Promise<void> {
    this.#end(new ImageReaderError('The thread that reads pictures was closed before it answered.'))
    await this.#worker.terminate()
  }

  #settle(answer: ImageAnswer): void {
    const waiting = this.#waiting.get(answer.id)
    // An answer that came too late: the thread is being closed, and `close` waits for its end.
    if (waiting === undefined) return
    this.#waiting.delete(answer.id)
    if (this.#waiting.size === 0) this.#worker.unref()
    if ('images' in answer) waiting.resolve(answer.images)
    else waiting.reject(new ImageReaderError(answer.error))
  }

  #end(error: Error): void {
    this.#ended ??= error
    for (const { reject } of this.#waiting.values()) reject(this.#ended)
    this.#waiting.clear()
    this.#worker.unref()
  }
}
