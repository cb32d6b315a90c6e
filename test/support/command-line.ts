import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))))

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
}

/** A command that runs. */
export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Resolves when everything printed so far, on both streams, has what is asked for. @throws when it ends without */
  seen(pattern: RegExp): Promise<void>
}

/**
 * What runs the command line: the compiled one, as users have it, or, where that is older than the sources, the
 * sources through tsx, which takes twice as long to start.
 */
export const chronogradCommand: readonly string[] = isBuilt()
  ? [process.execPath, path.join(root, 'dist/src/cli/bin.js')]
  : [process.execPath, '--import', import.meta.resolve('tsx'), path.join(root, 'src/cli/bin.ts')]

/** Starts `chronograd` as a process of its own. */
export function startChronograd(args: readonly string[], options: CommandOptions): Running {
  return startCommand([...chronogradCommand, ...args], options)
}

/** Runs `chronograd` as a process of its own to its end. */
export function chronograd(args: readonly string[], options: CommandOptions): Promise<Ended> {
  return startChronograd(args, options).ended
}

/** Starts any command; its words are handed on as they are, without a shell. */
export function startCommand([program = '', ...args]: readonly string[], { cwd, env }: CommandOptions): Running {
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, CI: undefined, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
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
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (!pattern.test(out) && !pattern.test(err)) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
      ended.then(end => reject(new Error(`It ended without ${pattern}: ${JSON.stringify(end)}`)), reject)
    })
  return { child, ended, seen }
}

function isBuilt(): boolean {
  const built = path.join(root, 'dist/.tsbuildinfo')
  if (!existsSync(built)) return false
  const sources = ['src', 'machines'].flatMap(folder =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map(file => path.join(folder, file)),
  )
  const builtAt = statSync(built).mtimeMs
  return sources.every(file => statSync(path.join(root, file)).mtimeMs <= builtAt)
}
