import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface, type Interface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { Values } from './definition.ts'
import { PeerMissingError } from './peer-missing.ts'

/** A line that a peer writes: first the versions of what it works with, then an answer to each question. */
interface Answer {
  readonly versions?: Readonly<Record<string, string>>
  readonly values?: Values
  readonly error?: string
}

/** What Python and Node say where a package is not installed. */
const packageMissing = /No module named '([^']+)'|Cannot find (?:package|module) '([^'./][^']*)'/

/**
 * A process that is started once and does rounds when it is asked to, so that the time it takes to start counts nowhere.
 * It reads questions from its standard input and answers on file descriptor 3, one line of JSON each; what libraries
 * print on the usual outputs disturbs nothing, and is quoted when the process fails.
 */
export class PeerProcess {
  readonly #name: string
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>
  readonly #reader: Interface
  readonly #ended: Promise<string>
  #printed = ''
  #versions: Readonly<Record<string, string>> = {}

  private constructor(name: string, [program = '', ...args]: readonly string[], env: Readonly<Record<string, string>>) {
    this.#name = name
    this.#child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    })
    const printed = (text: string) => {
      this.#printed = (this.#printed + text).slice(-4_000)
    }
    this.#child.stdout?.setEncoding('utf8').on('data', printed)
    this.#child.stderr?.setEncoding('utf8').on('data', printed)
    // What is asked of a process that has died is answered by its ending.
    this.#child.stdin?.on('error', () => {})
    this.#reader = createInterface({ input: this.#child.stdio[3] as Readable })
    this.#lines = this.#reader[Symbol.asyncIterator]()
    this.#ended = new Promise(resolve => {
      this.#child.once('error', error => resolve(error.message))
      this.#child.once('close', (code, signal) => resolve(`it ended with ${signal ?? `exit code ${code}`}`))
    })
  }

  /**
   * Starts a peer and waits until it is ready for questions.
   *
   * @throws PeerMissingError when it says that a package is not installed
   * @throws Error when it fails otherwise, with what it printed
   */
  static async start(
    name: string,
    command: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<PeerProcess> {
    const peer = new PeerProcess(name, command, env)
    const { versions = {} } = await peer.#answer()
    peer.#versions = versions
    return peer
  }

  /** Of what it works with, by name. */
  get versions(): Readonly<Record<string, string>> {
    return this.#versions
  }

  /** Has one round done. @throws Error when the peer fails, with what it printed */
  async ask(round: string, options: Readonly<Record<string, unknown>> = {}): Promise<Values> {
    this.#child.stdin?.write(`${JSON.stringify({ round, options })}\n`)
    const { values } = await this.#answer()
    if (values === undefined) throw new Error(`${this.#name} answered without values.`)
    return values
  }

  /** Lets the peer end, and waits until it has; one that does not is ended. */
  async close(): Promise<void> {
    this.#child.stdin?.end()
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 10_000)
    await this.#ended
    clearTimeout(timer)
    this.#reader.close()
  }

  async #answer(): Promise<Answer> {
    const { value, done } = await this.#lines.next()
    if (!done) {
      const answer = JSON.parse(value) as Answer
      if (answer.error !== undefined) throw new Error(`${this.#name} failed:\n${answer.error}`)
      return answer
    }
    const how = await this.#ended
    const [, ...missing] = packageMissing.exec(this.#printed) ?? []
    const wanted = missing.find(each => each !== undefined)
    if (wanted !== undefined) throw new PeerMissingError(this.#name, `${wanted} is not installed`)
    throw new Error(`${this.#name} failed: ${how}.\n${this.#printed}`)
  }
}
