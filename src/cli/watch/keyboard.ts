import type { ReadStream } from 'node:tty'

/** What a terminal sends for Ctrl and a letter. */
export const control = { c: '\u0003', z: '\u001a' } as const

/**
 * The keys of a terminal, each told when it is pressed and none shown. While it is open Ctrl-C and Ctrl-Z are keys like others:
 * for a signal the terminal throws away what is being written to it, which may be what gives the screen back.
 */
export class Keyboard {
  readonly #stream: ReadStream
  readonly #pressed: (key: string) => void

  /** @param stream what is typed; where that is no terminal, no key is ever pressed */
  constructor(stream: ReadStream, pressed: (key: string) => void) {
    this.#stream = stream
    this.#pressed = pressed
  }

  open(): void {
    if (!this.#stream.isTTY) return
    this.#stream.setRawMode(true)
    this.#stream.on('data', this.#read).resume()
  }

  close(): void {
    if (!this.#stream.isTTY) return
    this.#stream.off('data', this.#read).pause()
    this.#stream.setRawMode(false)
  }

  readonly #read = (typed: Buffer): void => {
    for (const key of typed.toString('latin1')) this.#pressed(key)
  }
}
