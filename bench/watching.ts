/**
 * What it costs a training to be watched: stretches of one run, in turns without a dashboard, with one that nobody looks at
 * (`serveRun`, as `train --serve` has it), and with a page of it open in a browser. The browser is on the same machine and has
 * the lowest priority there, as one on another machine would need none of its cores.
 *
 *     node --import tsx bench/watching.ts [small|usual] [tensorflow|wasm] [rounds] [seconds a stretch]
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { BackendName } from '../src/backends/backend.ts'
import { prepareBackend } from '../src/backends/prepare-backend.ts'
import type { Dashboard } from '../src/dashboard/serve-dashboard.ts'
import { serveRun } from '../src/dashboard/serve-run.ts'
import { inMemorySource } from '../src/data/in-memory-source.ts'
import { MultimodalTrainer } from '../src/trainer/multimodal-trainer.ts'
import type { RunDefinition } from '../src/trainer/run-definition.ts'
import { colourRun } from '../test/support/colour-run.ts'
import { plainPicture } from '../test/support/pictures.ts'
import { machineLine, thisMachine } from './framework/machine.ts'
import { nodeProgram } from './framework/process-contender.ts'

/** Steps after a change that are not timed. */
const warmUp = 5

const [size = 'small', backendName = 'wasm', rounds = '5', seconds = '6'] = process.argv.slice(2)
const machine = thisMachine()
const backend = await prepareBackend(backendName as BackendName)
const store = await mkdtemp(path.join(tmpdir(), 'chronograd-watching-'))

/** A step of some milliseconds, and one of a small model that somebody would train. */
const sizes: Readonly<Record<string, Partial<RunDefinition>>> = {
  small: {},
  usual: {
    trainData: inMemorySource(
      'pictures',
      Array.from({ length: 128 }, (_, index) => ({
        key: String(index),
        captions: [`picture ${index}`],
        image: plainPicture(32, 32, [index, 255 - index, 2 * index]),
      })),
    ),
    batchSize: 64,
    imageSize: 32,
    model: {
      dimension: 64,
      image: { kind: 'convolutional', stem: { channels: 32 }, stages: [{ channels: 64 }, { channels: 128 }] },
      text: { kind: 'bag-of-words', width: 64, hidden: [64] },
    },
  },
}

interface Watching {
  end(): Promise<void>
}

const contenders: Readonly<Record<string, () => Promise<Watching>>> = {
  'no dashboard': async () => ({ end: async () => {} }),
  'a dashboard': async () => {
    const dashboard = await serve()
    return { end: () => dashboard.close() }
  },
  'a dashboard, and a page open': async () => {
    const dashboard = await serve()
    const browser = await look(dashboard)
    return {
      async end() {
        await browser.end()
        await dashboard.close()
      },
    }
  },
}

const trainer = new MultimodalTrainer(
  colourRun({
    epochs: 1_000_000,
    evaluation: { every: { epochs: 500_000 } },
    checkpoints: { every: null },
    ...sizes[size],
  }),
  { store, backend },
)

function serve(): Promise<Dashboard> {
  return serveRun(trainer, { onNotice: sentence => console.error(sentence) })
}

/** What `watching-browser.ts` tells at its end. */
interface Looked {
  readonly answers: number
  readonly cores: number
}

const looked: Looked[] = []

async function look({ url }: Dashboard): Promise<Watching> {
  const program = [...nodeProgram('watching-browser.ts'), `${url}#/runs/${trainer.run}`]
  const browser: ChildProcess = spawn('nice', ['-n', '19', ...program], { stdio: ['ignore', 'pipe', 'inherit'] })
  if (browser.stdout === null) throw new Error('The browser has no output.')
  const lines = createInterface({ input: browser.stdout })[Symbol.asyncIterator]()
  if ((await lines.next()).value !== 'looking') throw new Error('The browser could not open the page.')
  return {
    async end() {
      browser.kill('SIGTERM')
      looked.push(JSON.parse((await lines.next()).value))
      if (browser.exitCode === null) await once(browser, 'exit')
    },
  }
}

/** In milliseconds, of the thread that trains. */
interface Times {
  readonly clock: number
  /** For how long it has computed. */
  readonly processor: number
  /** For how long it could have computed, but had no core. */
  readonly waiting: number
}

/** As Linux counts them. */
function timesNow(): Times {
  const [processor = 0, waiting = 0] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8')
    .split(' ')
    .map(nanoseconds => Number(nanoseconds) / 1e6)
  return { clock: performance.now(), processor, waiting }
}

/** Trains for a while, and pauses. @returns how long a step took */
function stretch(): Promise<Times> {
  return new Promise(resolve => {
    let steps = -warmUp
    let began: Times = { clock: 0, processor: 0, waiting: 0 }
    const count = () => {
      steps += 1
      if (steps === 0) began = timesNow()
      if (steps <= 0 || performance.now() - began.clock < Number(seconds) * 1_000) return
      const ended = timesNow()
      trainer.off('step.completed', count)
      trainer.once('run.paused', () =>
        resolve({
          clock: (ended.clock - began.clock) / steps,
          processor: (ended.processor - began.processor) / steps,
          waiting: (ended.waiting - began.waiting) / steps,
        }),
      )
      trainer.pause()
    }
    trainer.on('step.completed', count)
    trainer.continue()
  })
}

const stretches = new Map<string, Times[]>(Object.keys(contenders).map(name => [name, []]))
try {
  const paused = new Promise(resolve => trainer.once('run.paused', resolve))
  trainer.once('step.completed', () => trainer.pause())
  const training = trainer.train()
  await paused
  // What is run often is compiled by then.
  await stretch()
  for (let round = 0; round < Number(rounds); round++) {
    for (const [name, start] of Object.entries(contenders)) {
      const watching = await start()
      stretches.get(name)?.push(await stretch())
      await watching.end()
    }
  }
  trainer.stop()
  await training
} finally {
  trainer.close()
  await rm(store, { recursive: true, force: true })
}

const median = (values: readonly number[]) =>
  values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.NaN
const [without = []] = stretches.values()
console.log(machineLine({ ...machine, versions: { ...machine.versions, [backend.name]: backend.version } }))
const perSecond = median(looked.map(({ answers }) => answers)).toFixed(1)
const cores = median(looked.map(each => each.cores)).toFixed(2)
console.log(
  `${size}, ${rounds} rounds of ${seconds} s; pages got ${perSecond} answers a second, browsers took ${cores} of a core`,
)
for (const [name, measured] of stretches) {
  const told = (['clock', 'processor'] as const).map(kind => {
    const values = measured.map(each => each[kind])
    // Of the same round: what else the machine did met both.
    const ratios = measured.map((each, round) => each[kind] / (without[round]?.[kind] ?? Number.NaN))
    const range = (all: readonly number[]) => `${Math.min(...all).toFixed(2)} to ${Math.max(...all).toFixed(2)}`
    return `${kind} ${median(values).toFixed(2)} ms (${range(values)}), ${median(ratios).toFixed(3)} times (${range(ratios)})`
  })
  const waiting = median(measured.map(each => each.waiting)).toFixed(2)
  console.log(`${name}: ${told.join('; ')}; without a core ${waiting} ms`)
}
