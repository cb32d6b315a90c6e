import type { Server } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/** In milliseconds: for how long nothing must be asked at least, and how long that is waited for at most. */
const [quiet, longest] = [600, 8_000]

/** A page rests four times as long as its last answer took before it asks again. */
const quietAnswers = 6

/** How many of the latest answers tell how long one takes now. */
const remembered = 20

const lookEvery = 50

/** Knows whether pages that look on have got what they ask for, so that a server does not end before. */
export class LastLook {
  readonly #server: Server
  /** How long the latest answers took, in milliseconds. */
  readonly #took: number[] = []
  #open = 0
  #answeredAt = performance.now()

  constructor(server: Server) {
    this.#server = server
    server.on('request', (request, response) => {
      // What goes on and on is no answer.
      if (request.headers.accept === 'text/event-stream') return
      const began = performance.now()
      this.#open += 1
      response.once('close', () => {
        this.#open -= 1
        this.#answeredAt = performance.now()
        this.#took.push(this.#answeredAt - began)
        if (this.#took.length > remembered) this.#took.shift()
      })
    })
  }

  /**
   * Resolves when pages that are open have had the time to hear of what has just happened and to ask for what they show of it;
   * at once where nobody is connected.
   */
  async taken(): Promise<void> {
    const began = performance.now()
    while ((await this.#connections()) > 0) {
      const now = performance.now()
      const still = now - Math.max(began, this.#answeredAt)
      if (this.#open === 0 && still > Math.max(quiet, quietAnswers * Math.max(0, ...this.#took))) break
      if (now - began > longest) break
      await sleep(lookEvery)
    }
  }

  #connections(): Promise<number> {
    return new Promise((resolve, reject) =>
      this.#server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
    )
  }
}
