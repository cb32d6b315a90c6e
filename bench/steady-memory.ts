/**
 * Whether memory stays where it is: trains a small model for some minutes, with evaluations, checkpoints and all
 * subscribers, looks at the process's memory every two seconds and fits a line through what it saw after a fifth of the time.
 *
 *     node --import tsx bench/steady-memory.ts [tensorflow|wasm|cpu] [minutes]
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import type { BackendName } from '../src/backends/backend.ts'
import { prepareBackend } from '../src/backends/prepare-backend.ts'
import { MultimodalTrainer } from '../src/trainer/multimodal-trainer.ts'
import { colourRun } from '../test/support/colour-run.ts'
import { machineLine, thisMachine } from './framework/machine.ts'

interface Look {
  readonly minutes: number
  /** Megabytes of the process, of JavaScript's heap, and of buffers outside it. */
  readonly process: number
  readonly heap: number
  readonly buffers: number
  readonly tensors: number
}

const lookEvery = 2_000
const [backendName = 'tensorflow', wanted = '10'] = process.argv.slice(2)
const minutes = Number(wanted)
const machine = thisMachine()
const backend = await prepareBackend(backendName as BackendName)
const store = await mkdtemp(path.join(tmpdir(), 'chronograd-steady-'))
const looks: Look[] = []
try {
  const trainer = new MultimodalTrainer(
    colourRun({ epochs: 1_000_000, evaluation: { every: { epochs: 50 } }, checkpoints: { every: { epochs: 100 } } }),
    { store, backend },
  )
  let steps = 0
  let lookAt = performance.now()
  const began = lookAt
  trainer.on('step.completed', () => {
    steps += 1
    const now = performance.now()
    if (now >= lookAt) {
      looks.push(look((now - began) / 60_000))
      lookAt = now + lookEvery
    }
    if (now - began >= minutes * 60_000 && trainer.actor.getSnapshot().can({ type: 'stop' })) trainer.stop()
  })
  await trainer.train()
  trainer.close()

  const warm = looks.filter(each => each.minutes >= minutes / 5)
  console.log(machineLine({ ...machine, versions: { ...machine.versions, [backend.name]: backend.version } }))
  console.log(
    `${steps.toLocaleString('en-US')} steps in ${minutes} minutes, ${warm.length} looks from minute ${minutes / 5} on`,
  )
  for (const name of ['process', 'heap', 'buffers', 'tensors'] as const) {
    const values = warm.map(each => each[name])
    const slope = slopeOf(warm.map(each => [each.minutes, each[name]] as const))
    const [least, most] = [Math.min(...values), Math.max(...values)]
    console.log(`${name.padEnd(8)} ${least.toFixed(1)} to ${most.toFixed(1)}, slope ${slope.toFixed(3)} a minute`)
  }
} finally {
  await rm(store, { recursive: true, force: true })
}

function look(minutes: number): Look {
  const { rss, heapUsed, external } = process.memoryUsage()
  const { numTensors } = tf.memory()
  return { minutes, process: rss / 1e6, heap: heapUsed / 1e6, buffers: external / 1e6, tensors: numTensors }
}

/** The slope of the line that lies nearest to the points, by least squares. */
function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (index: 0 | 1) => points.reduce((sum, point) => sum + point[index], 0) / points.length
  const [meanX, meanY] = [mean(0), mean(1)]
  let [above, below] = [0, 0]
  for (const [x, y] of points) {
    above += (x - meanX) * (y - meanY)
    below += (x - meanX) ** 2
  }
  return above / below
}
