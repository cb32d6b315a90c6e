import type { WriteStream } from 'node:tty'
import type { FrameSize } from './frame.ts'

const control = '\u001b['

/** The other screen of a terminal, with neither cursor nor line breaks of the terminal's own. */
const [enter, leave] = [`${control}?1049h${control}?25l${control}?7l`, `${control}?7h${control}?25h${control}?1049l`]

/** A terminal that knows these shows all that comes between them at once. */
const [begin, end] = [`${control}?2026h`, `${control}?2026l`]

const [home, eraseRest, eraseBelow] = [`${control}H`, `${control}K`, `${control}J`]

/**
 * The whole of a terminal, to be drawn again and again; what was on it before comes back at the end. It gives the terminal back
 * while the program is put aside with Ctrl-Z.
 */
export class Screen {
  readonly #stream: WriteStream
  #lines: readonly string[] = []
  #isOpen = false

  constructor(stream: WriteStream) {
    this.#stream = stream
  }

  get size(): FrameSize {
    return terminalSize(this.#stream)
  }

  open(): void {
    this.#enter()
    process.on('SIGTSTP', this.#putAside)
    process.on('SIGCONT', this.#comeBack)
  }

  /** Each frame is one write: a terminal never shows half of it. */
  draw(lines: readonly string[]): void {
    this.#lines = lines
    if (!this.#isOpen) return
    const text = lines.map(line => `${line}${eraseRest}`).join('\r\n')
    this.#stream.write(`${begin}${home}${text}${eraseBelow}${end}`)
  }

  close(): void {
    process.off('SIGTSTP', this.#putAside)
    process.off('SIGCONT', this.#comeBack)
    this.#leave()
  }

  readonly #putAside = (): void => {
    this.#leave()
    process.kill(process.pid, 'SIGSTOP')
  }

  readonly #comeBack = (): void => {
    this.#enter()
    this.draw(this.#lines)
  }

  #enter(): void {
    if (this.#isOpen) return
    this.#isOpen = true
    this.#stream.write(enter)
  }

  #leave(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#stream.write(leave)
  }
}

/** What can be drawn on a terminal; the last column stays free, for it may begin a new line when it is written to. */
export function terminalSize({ columns, rows }: WriteStream): FrameSize {
  // Some terminals say that they have none.
  return { columns: (columns || 80) - 1, rows: rows || 24 }
}
