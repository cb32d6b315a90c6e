import type { TransferListItem, Worker } from 'node:worker_threads'
import { ChronogradError } from '../errors/chronograd-error.ts'
import { startThread } from './start-thread.ts'

/** What a thread is sent. */
export interface ThreadRequest<Question> {
  readonly id: number
  readonly question: Question
}

/** What a thread sends back. */
export type ThreadAnswer<Answer> =
  | { readonly id: number; readonly answer: Answer }
  | { readonly id: number; readonly error: string }

/** A thread failed, or was closed before it answered. */
export class ThreadError extends ChronogradError {}

interface Waiting<Answer> {
  resolve(answer: Answer): void
  reject(error: Error): void
}

/**
 * A thread that answers questions while the main one trains: TensorFlow.js computes on the main thread, so only another
 * one can have the next batch ready. A thread that is asked nothing keeps no process alive.
 */
export class RequestThread<Question, Answer> {
  readonly #name: string
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting<Answer>>()
  #requests = 0
  #ended: Error | undefined

  /**
   * @param name what the thread does, for its errors
   * @param url the thread's module, without its ending
   */
  constructor(name: string, url: URL, workerData: unknown) {
    this.#name = name
    this.#worker = startThread(url, workerData)
    this.#worker.unref()
    this.#worker.on('message', (answer: ThreadAnswer<Answer>) => this.#settle(answer))
    this.#worker.on('error', error => this.#end(error instanceof Error ? error : new Error(String(error))))
    this.#worker.on('exit', code => this.#end(new ThreadError(`The thread that ${name} ended (${code}).`)))
  }

  /** Whether it can answer no more. */
  get hasEnded(): boolean {
    return this.#ended !== undefined
  }

  /** @param transferred buffers in `question` that are given away and not copied */
  ask(question: Question, transferred: readonly TransferListItem[] = []): Promise<Answer> {
    const ended = this.#ended
    if (ended !== undefined) return Promise.reject(ended)
    return new Promise((resolve, reject) => {
      const id = this.#requests++
      this.#waiting.set(id, { resolve, reject })
      this.#worker.ref()
      this.#worker.postMessage({ id, question } satisfies ThreadRequest<Question>, transferred)
    })
  }

  /** Ends the thread; questions that are still open are rejected. */
  async close(): Promise<void> {
    this.#end(new ThreadError(`The thread that ${this.#name} was closed before it answered.`))
    await this.#worker.terminate()
  }

  #settle(answer: ThreadAnswer<Answer>): void {
    const waiting = this.#waiting.get(answer.id)
    // An answer that came too late: the thread is being closed, and `close` waits for its end.
    if (waiting === undefined) return
    this.#waiting.delete(answer.id)
    if (this.#waiting.size === 0) this.#worker.unref()
    if ('answer' in answer) waiting.resolve(answer.answer)
    else waiting.reject(new ThreadError(answer.error))
  }

  #end(error: Error): void {
    this.#ended ??= error
    for (const { reject } of this.#waiting.values()) reject(this.#ended)
    this.#waiting.clear()
    this.#worker.unref()
  }
}
