import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from '../../scripts/root.ts'
import type { Contender } from './definition.ts'
import { PeerMissingError } from './peer-missing.ts'
import { PeerProcess } from './peer-process.ts'

/** What a process is asked to do a round of. */
export interface ProcessRound {
  readonly name: string
  /** The program, from `bench`, such as `log/peers.py`. */
  readonly program: string
  /** What the program is started with. */
  readonly args?: readonly string[]
  /** Which of the rounds that the program serves. */
  readonly round: string
  /** What it is told each time. */
  readonly options?: Readonly<Record<string, unknown>>
  /** Variables of its environment. */
  readonly env?: Readonly<Record<string, string>>
}

/** Where peers are named and installed. */
export const peersFolder = path.join(root, 'bench/peers')

/** The virtual environment of the Python peers; a variable may name another one. */
export function peersEnvironment(): string {
  return process.env.CHRONOGRAD_PEERS_VENV || path.join(peersFolder, '.venv')
}

/** A contender in Python: a program that ends with `serve({...})` of `peers/rounds.py`. */
export function pythonContender({ program, args = [], env, ...asked }: ProcessRound): Contender {
  return processContender(asked, () => {
    const python = path.join(peersEnvironment(), 'bin/python')
    if (!existsSync(python)) throw new PeerMissingError(asked.name, 'the Python peers are not installed')
    // Unbuffered, so that what it prints before it dies is not lost.
    const command = [python, '-u', path.join(root, 'bench', program), ...args]
    return PeerProcess.start(asked.name, command, { PYTHONPATH: peersFolder, ...env })
  })
}

/** A contender in a Node process of its own: a program that ends with `serveRounds({...})`. */
export function nodeContender({ program, args = [], env, ...asked }: ProcessRound): Contender {
  return processContender(asked, () => PeerProcess.start(asked.name, [...nodeProgram(program), ...args], env))
}

/** What runs a TypeScript program of `bench`: compiled, where this is, as whoever uses the library runs it. */
export function nodeProgram(program: string): string[] {
  const compiled = import.meta.url.endsWith('.js')
  const url = new URL(`../${compiled ? program.replace(/\.ts$/, '.js') : program}`, import.meta.url)
  return [process.execPath, ...(compiled ? [] : ['--import', import.meta.resolve('tsx')]), fileURLToPath(url)]
}

function processContender(
  { name, round, options = {} }: Omit<ProcessRound, 'program' | 'args' | 'env'>,
  start: () => Promise<PeerProcess>,
): Contender {
  return {
    name,
    async open() {
      const peer = await start()
      return {
        versions: peer.versions,
        round: () => peer.ask(round, options),
        close: () => peer.close(),
      }
    },
  }
}
