import { type ChildProcess, spawn } from 'node:child_process'
import { fileOf, loading } from './as-tests-run.ts'

export { root } from '../../scripts/root.ts'

/** How a command ended, and what it printed. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly out: string
  readonly err: string
}

export interface CommandOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Whether more may be written to its standard input; it is at its end otherwise. */
  readonly isTypedTo?: true
}

/** A command that runs. */
export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Resolves with what is asked for when it is in what was printed so far, on either stream. @throws when it ends without */
  seen(pattern: RegExp): Promise<RegExpExecArray>
}

/** What runs the command line. */
export const chronogradCommand: readonly string[] = [process.execPath, ...loading, fileOf('src/cli/bin.ts')]

/** Starts `chronograd` as a process of its own. */
export function startChronograd(args: readonly string[], options: CommandOptions): Running {
  return startCommand([...chronogradCommand, ...args], options)
}

/** Runs `chronograd` as a process of its own to its end. */
export function chronograd(args: readonly string[], options: CommandOptions): Promise<Ended> {
  return startChronograd(args, options).ended
}

/** Starts any command; its words are handed on as they are, without a shell. */
export function startCommand(
  [program = '', ...args]: readonly string[],
  { cwd, env, isTypedTo }: CommandOptions,
): Running {
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, CI: undefined, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  if (!isTypedTo) child.stdin.end()
  let out = ''
  let err = ''
  const waiting = new Set<() => void>()
  const told = () => {
    for (const look of waiting) look()
  }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
    told()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
    told()
  })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, out, err }))
  })
  const seen = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(out) ?? pattern.exec(err)
        if (found === null) return
        waiting.delete(look)
        resolve(found)
      }
      waiting.add(look)
      look()
      ended.then(end => reject(new Error(`It ended without ${pattern}: ${JSON.stringify(end)}`)), reject)
    })
  return { child, ended, seen }
}
