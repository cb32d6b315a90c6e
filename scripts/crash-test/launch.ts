import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { root } from '../root.ts'
import type { CrashProject } from './crash-project.ts'
import type { Kill } from './kill-plan.ts'

const program = path.join(root, 'dist/src/cli/bin.js')

/** A fact as the command printed it, after its commit. */
export interface PrintedFact {
  readonly id: string
  readonly hash: string
}

/** How a process ended, and what it printed until then. */
export interface Launched {
  readonly killed: boolean
  readonly code: number | null
  readonly printed: readonly PrintedFact[]
  readonly complaint: string
}

/** Runs a command that trains, in a process of its own that is killed where the plan says so, unless it ends before. */
export async function launch(
  project: CrashProject,
  words: readonly string[],
  store: string,
  kill: Kill | undefined,
): Promise<Launched> {
  const fault = kill !== undefined && 'at' in kill ? `${kill.at}:${kill.time}` : undefined
  const child = spawn(process.execPath, [program, ...words, '--store', store, '--json'], {
    cwd: path.dirname(project.config),
    env: { ...project.environment, CHRONOGRAD_FAULT_POINT: fault },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const die = () => child.kill('SIGKILL')
  const timers: NodeJS.Timeout[] = []
  if (kill !== undefined && 'afterStart' in kill) timers.push(setTimeout(die, kill.afterStart))

  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text
  })
  const printed: PrintedFact[] = []
  createInterface({ input: child.stdout }).on('line', line => {
    const fact = parseFact(line)
    if (fact === undefined) return
    printed.push(fact)
    if (kill === undefined) return
    if (printed.length === kill.stopAfterFact) child.kill('SIGINT')
    if ('afterFact' in kill && printed.length === kill.afterFact) timers.push(setTimeout(die, kill.delay))
  })
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  for (const timer of timers) clearTimeout(timer)
  return { killed: signal === 'SIGKILL', code, printed, complaint }
}

/** The last line of a process that was killed may be half there: then it promised nothing. */
function parseFact(line: string): PrintedFact | undefined {
  try {
    const { id, hash } = JSON.parse(line) as PrintedFact
    return { id, hash }
  } catch {
    return undefined
  }
}
