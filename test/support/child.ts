import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileOf, loading } from './as-tests-run.ts'

/** A program of test/support that runs in a process of its own. */
export interface Child {
  readonly process: ChildProcess
  /** What it prints, line by line. */
  readonly lines: AsyncIterableIterator<string>
  /** Ends it as a power cut would, and waits until it is gone. */
  kill(): Promise<void>
  /** Waits until it is gone, by whatever way. */
  gone(): Promise<void>
  /** Waits for its end. @throws Error with what it printed to standard error where that was no good end */
  finish(): Promise<void>
}

/** Starts a program of test/support, which reads its arguments as JSON from its command line. */
export function startChild(program: string, given: object, environment: NodeJS.ProcessEnv = {}): Child {
  const child = spawn(process.execPath, [...loading, fileOf(`test/support/${program}`), JSON.stringify(given)], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', text => {
    complaint += text
  })
  const ended = once(child, 'exit')
  return {
    process: child,
    lines: createInterface({ input: child.stdout })[Symbol.asyncIterator](),
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    async gone() {
      await ended
    },
    async finish() {
      const [code, signal] = await ended
      if (code !== 0) throw new Error(`${program} ended with ${code ?? signal}: ${complaint}`)
    },
  }
}

/** What a program of test/support was given. */
export function givenToChild<Given>(): Given {
  return JSON.parse(process.argv[2] ?? '{}') as Given
}
