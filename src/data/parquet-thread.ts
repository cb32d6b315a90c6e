import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { describeError } from '../errors/chronograd-error.ts'
import { SourceError } from './source-error.ts'
import { startThread } from './start-thread.ts'

export interface ParquetRequest {
  readonly path: string
  /** Without it only the footer is read. */
  readonly rowGroup?: number
  readonly columns: readonly string[]
}

export interface ParquetPart {
  /** The names of the columns at the top. */
  readonly columns: readonly string[]
  /** How many rows each row group has. */
  readonly rowGroups: readonly number[]
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

export type ParquetAnswer = ParquetPart | { readonly error: string }

const maximumSeconds = 120
const idleSeconds = 5
const maximumHeapMegabytes = 2048

/**
 * Reads Parquet files in a thread of its own. A damaged file can make the reader loop for ever or take all memory; here
 * that ends the thread with an error, and not the training. Between two requests the thread keeps no process alive, and
 * it ends when nothing was asked for a while.
 */
export class ParquetThread {
  #worker: Worker | undefined
  #idle: NodeJS.Timeout | undefined
  /** Requests are answered one after another. */
  #last: Promise<unknown> = Promise.resolve()

  /** @throws SourceError where the file is missing, damaged, or cannot be read within two minutes */
  read(request: ParquetRequest): Promise<ParquetPart> {
    const answer = this.#last.then(() => this.#ask(request))
    this.#last = answer.catch(() => undefined)
    return answer
  }

  async #ask(request: ParquetRequest): Promise<ParquetPart> {
    clearTimeout(this.#idle)
    this.#worker ??= startThread(new URL('./parquet-worker', import.meta.url), undefined, {
      maxOldGenerationSizeMb: maximumHeapMegabytes,
    })
    const worker = this.#worker
    worker.ref()
    const tooLong = AbortSignal.timeout(maximumSeconds * 1000)
    try {
      worker.postMessage(request)
      // Rejects when the thread fails.
      const [answer]: ParquetAnswer[] = await once(worker, 'message', { signal: tooLong })
      if (answer === undefined || 'error' in answer)
        throw new SourceError(answer?.error ?? 'The thread gave no answer.')
      this.#idle = setTimeout(() => this.#end(), idleSeconds * 1000).unref()
      worker.unref()
      return answer
    } catch (error) {
      await this.#end()
      if (error instanceof SourceError) throw error
      const reason = tooLong.aborted ? `it takes more than ${maximumSeconds} seconds` : describeError(error)
      throw new SourceError(`The Parquet file ${request.path} cannot be read: ${reason}; fetch or make it again.`, {
        cause: error,
      })
    }
  }

  async #end(): Promise<void> {
    const worker = this.#worker
    this.#worker = undefined
    await worker?.terminate()
  }
}
