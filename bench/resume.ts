import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/**
 * How long a resume takes until training is under way again, beside a fresh start: from the start of the process to its
 * first new step, on the emoji example's pictures (`npm ci` in examples/emoji first), with a log of 10,000 steps. The
 * batches are small, so that these take minutes. Run with:
 * npm run build && node --import tsx bench/resume.ts [steps] [backend]
 */
const steps = Number(process.argv[2] ?? 10_000)
const backend = process.argv[3] ?? 'tensorflow'
const pairs = 5

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const store = await mkdtemp(path.join(tmpdir(), 'chronograd-bench-'))
const settings = ['--set', 'batchSize=16', '--set', 'evaluation.every={"epochs":100}', '--epochs', '400']

/** Starts a command of the compiled `chronograd` that trains. */
function start(...args: string[]): ChildProcess {
  const program = path.join(root, 'dist/src/cli/bin.js')
  return spawn(process.execPath, [program, ...args, '--store', store, '--backend', backend, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

/** Waits until a step is logged that is this one or a later one. @returns its number */
async function stepBeyond(child: ChildProcess, step: number): Promise<number> {
  if (child.stdout === null) throw new Error('The command was started without a pipe to read from.')
  for await (const line of createInterface({ input: child.stdout })) {
    const { type, data } = JSON.parse(line) as { type: string; data: { step: number } }
    if (type === 'step.completed' && data.step >= step) return data.step
  }
  throw new Error(`The command ended with ${child.exitCode} before step ${step}.`)
}

/** From the start of the process to its first step, in milliseconds. It is killed then, so that it can be done again. */
async function timeToStep(step: number, ...args: string[]): Promise<number> {
  const began = performance.now()
  const child = start(...args)
  await stepBeyond(child, step)
  const took = performance.now() - began
  child.kill('SIGKILL')
  await once(child, 'exit')
  return took
}

const median = (values: readonly number[]) => [...values].sort((one, other) => one - other)[values.length >> 1] ?? 0
const seconds = (milliseconds: number) => `${(milliseconds / 1_000).toFixed(2)} s`

try {
  const config = path.join(root, 'examples/emoji/chronograd.config.ts')
  const began = performance.now()
  const long = start('train', config, '--set', 'name=long', ...settings)
  await stepBeyond(long, steps)
  long.stdout?.resume()
  long.kill('SIGINT')
  await once(long, 'exit')
  console.log(`${steps} steps on ${backend} took ${seconds(performance.now() - began)}`)

  const fresh: number[] = []
  const resumed: number[] = []
  for (let pair = 0; pair < pairs; pair++) {
    fresh.push(await timeToStep(1, 'train', config, '--set', `name=fresh-${pair}`, ...settings))
    resumed.push(await timeToStep(steps + 1, 'resume', 'long'))
  }
  for (const [name, times] of Object.entries({ 'fresh start': fresh, resume: resumed })) {
    console.log(`${name}: ${seconds(median(times))} (median of ${times.map(seconds).join(', ')})`)
  }
  console.log(`a resume takes ${seconds(median(resumed) - median(fresh))} more`)
} finally {
  await rm(store, { recursive: true, force: true })
}
