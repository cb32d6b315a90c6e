import type { WriteStream } from 'node:tty'
import { fitColumns } from './fit-columns.ts'
import { isLiveTerminal } from './live-terminal.ts'

/** How often the line is drawn again, in milliseconds. */
const redrawEvery = 100

/**
 * A last line on a terminal that says how things stand, while other lines scroll by above it. Elsewhere it shows
 * nothing, and the other lines are all there is.
 */
export class StatusLine {
  readonly #stream: WriteStream
  #timer: NodeJS.Timeout | undefined
  #text: (width: number) => string = () => ''

  constructor(stream: WriteStream) {
    this.#stream = stream
  }

  /** Shows what `text` gives for the width of the terminal, again and again, until it is cleared. */
  show(text: (width: number) => string): void {
    if (!isLiveTerminal(this.#stream)) return
    this.#text = text
    if (this.#timer !== undefined) return
    this.#timer = setInterval(() => this.#draw(), redrawEvery).unref()
    this.#draw()
  }

  /** Writes a line above. */
  write(line: string): void {
    this.aside(() => this.#stream.write(`${line}\n`))
  }

  /** Takes the line away while `work` writes lines to the terminal. */
  aside(work: () => void): void {
    this.#erase()
    work()
    this.#draw()
  }

  clear(): void {
    this.#erase()
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #draw(): void {
    if (this.#timer === undefined) return
    // The last column stays free: a terminal may begin a new line when it is written to. Some say that they have none.
    const width = (this.#stream.columns || 80) - 1
    this.#stream.cursorTo(0)
    this.#stream.write(fitColumns(this.#text(width), width))
    this.#stream.clearLine(1)
  }

  #erase(): void {
    if (this.#timer === undefined) return
    this.#stream.cursorTo(0)
    this.#stream.clearLine(0)
  }
}
