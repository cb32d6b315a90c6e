import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileOf, loading } from './as-tests-run.ts'
import { root } from './command-line.ts'

const running = new Set<ChildScript>()

/** Kills every script that still runs; for `after.each`, since a test that failed half-way leaves its own behind. */
export async function killScripts(): Promise<void> {
  await Promise.all([...running].map(script => script.kill()))
}

/** A TypeScript file that runs in a process of its own, and speaks in lines. */
export class ChildScript {
  readonly process: ChildProcess
  readonly #lines: AsyncIterator<string>
  readonly #ended: Promise<unknown>
  #errors = ''

  /** @param file relative to the repository's root */
  constructor(file: string, ...args: readonly string[]) {
    const child = spawn(process.execPath, [...loading, fileOf(file), ...args], {
      cwd: root,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.process = child
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    running.add(this)
    this.#ended = once(child, 'close').then(() => running.delete(this))
    child.stderr.setEncoding('utf8').on('data', text => {
      this.#errors += text
    })
    // Writing to a process that was killed is what some tests do.
    child.stdin.on('error', () => undefined)
  }

  tell(line: string): void {
    this.process.stdin?.write(`${line}\n`)
  }

  /** The next line that it says; an error with all its complaints where it says no more. */
  async line(): Promise<string> {
    const { value, done } = await this.#lines.next()
    if (done === true) throw new Error(`The process ended without another line. It complained: ${this.#errors}`)
    return value
  }

  /** Every line that it says from now until its end. */
  async rest(): Promise<string[]> {
    const lines: string[] = []
    for (let next = await this.#lines.next(); next.done !== true; next = await this.#lines.next())
      lines.push(next.value)
    await this.#ended
    return lines
  }

  /** Ends it at once, as a crash or the system would, and waits until it is gone. */
  async kill(): Promise<void> {
    this.process.kill('SIGKILL')
    await this.#ended
  }
}
