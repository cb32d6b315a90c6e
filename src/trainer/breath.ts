/** How long the event loop may go without a turn, in milliseconds, beside the piece of work that is being done. */
const longest = 5

/**
 * Gives the event loop its turn between pieces of work: signals, timers, subscribers and commands. After very quick ones not
 * after each, since a turn costs as much as a good part of them.
 */
export class Breath {
  #last = performance.now()

  /** The turn, where one is due. */
  take(): Promise<void> | undefined {
    if (performance.now() - this.#last < longest) return undefined
    return new Promise(resolve => {
      setImmediate(() => {
        this.#last = performance.now()
        resolve()
      })
    })
  }
}
