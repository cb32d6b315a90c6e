import { fork } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What came of a process. */
export interface ChildAnswer {
  /** The last message that it sent; undefined if it sent none. */
  readonly message: unknown
  /** How it ended, with the last line of what it complained; for the case that it sent none. */
  readonly ending: string
}

/**
 * Runs a script of this library in a process of its own and waits for its end.
 *
 * @param script without an ending: it is TypeScript where this file is, or compiled
 * @param patience after how many milliseconds it is ended
 */
export function askChild(script: URL, args: readonly string[], patience: number): Promise<ChildAnswer> {
  // `fork` hands on the options that this process runs TypeScript with.
  const file = `${fileURLToPath(script)}${extname(fileURLToPath(import.meta.url))}`
  return new Promise(resolve => {
    const child = fork(file, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], timeout: patience })
    let message: unknown
    let output = ''
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk
    })
    child.on('message', sent => {
      message = sent
    })
    child.on('error', error => resolve({ message, ending: `The process did not start: ${error.message}.` }))
    child.on('close', (code, signal) => {
      const end = signal === null ? `ended with code ${code}` : `was ended by ${signal}`
      const lastLine = output.trim().split('\n').at(-1) ?? ''
      resolve({ message, ending: `The process that tried it ${end}. ${lastLine}`.trim() })
    })
  })
}
