import { availableParallelism } from 'node:os'
import { RequestThread } from './request-thread.ts'

/** One a processor, but no more than read a disk at once with any gain. */
export const usualThreads = Math.min(availableParallelism(), 8)

/**
 * Threads that make the rows of a batch together, each some that lie one after another, and write them into memory that
 * all share: so a batch is whole where it is used without having been copied. What a row becomes must not depend on who
 * makes it.
 */
export class ThreadTeam<Question, Answer> {
  readonly #threads: readonly RequestThread<Question, Answer>[]

  /**
   * @param name what the threads do, for their errors
   * @param url the threads' module, without its ending
   * @param count how many there are
   */
  constructor(name: string, url: URL, workerData: unknown, count: number) {
    this.#threads = Array.from({ length: count }, () => new RequestThread<Question, Answer>(name, url, workerData))
  }

  /** Asks for the rows `from` to before `to` of each part; the answers come in the order of the rows. */
  share(rows: number, questionOf: (from: number, to: number) => Question): Promise<Answer[]> {
    const each = Math.ceil(rows / this.#threads.length)
    const asked = this.#threads.flatMap((thread, number) => {
      const [from, to] = [number * each, Math.min((number + 1) * each, rows)]
      return from < to ? [thread.ask(questionOf(from, to))] : []
    })
    return Promise.all(asked)
  }

  /** Ends the threads; questions that are still open are rejected. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.map(thread => thread.close()))
  }
}
