import type { ReadStream, WriteStream } from 'node:tty'
import { fromEvent, Subject } from 'rxjs'
import type { FrameSize } from './frame.ts'
import { control, Keyboard } from './keyboard.ts'

const code = '\u001b['

/** The other screen of a terminal, with neither cursor nor line breaks of the terminal's own. */
const [enter, leave] = [`${code}?1049h${code}?25l${code}?7l`, `${code}?7h${code}?25h${code}?1049l`]

/** A terminal that knows these shows all that comes between them at once. */
const [begin, end] = [`${code}?2026h`, `${code}?2026l`]

const [home, eraseRest, eraseBelow] = [`${code}H`, `${code}K`, `${code}J`]

/**
 * The whole of a terminal, to be drawn again and again; what was on it before comes back at the end. It gives the terminal back
 * while the program is put aside with Ctrl-Z.
 */
export class Screen {
  /** That the person wants to see no more of it. */
  readonly left$ = new Subject<void>()
  /** That it has got another size. */
  readonly resized$

  readonly #stream: WriteStream
  readonly #keyboard: Keyboard
  #lines: readonly string[] = []
  #isOpen = false

  constructor(stream: WriteStream, typed: ReadStream) {
    this.#stream = stream
    this.#keyboard = new Keyboard(typed, this.#pressed)
    this.resized$ = fromEvent(stream, 'resize')
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

  readonly #pressed = (key: string): void => {
    if (key === control.c || key === 'q') this.left$.next()
    if (key !== control.z || process.platform === 'win32') return
    // Also who started this program is put aside, such as `npx`. A shell may take the terminal as soon as that one is.
    this.#leave()
    process.kill(0, 'SIGTSTP')
  }

  readonly #putAside = (): void => {
    this.#leave()
    process.kill(process.pid, 'SIGSTOP')
  }

  readonly #comeBack = (): void => {
    // A shell may have changed the terminal, also where this program was halted without having been told before.
    this.#keyboard.close()
    this.#isOpen = false
    this.#enter()
    this.draw(this.#lines)
  }

  #enter(): void {
    if (this.#isOpen) return
    this.#isOpen = true
    this.#keyboard.open()
    this.#stream.write(enter)
  }

  #leave(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#stream.write(leave)
    this.#keyboard.close()
  }
}

/** What can be drawn on a terminal; the last column stays free, for it may begin a new line when it is written to. */
export function terminalSize({ columns, rows }: WriteStream): FrameSize {
  // Some terminals say that they have none.
  return { columns: (columns || 80) - 1, rows: rows || 24 }
}
