import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import type { BackendName } from '../../src/backends/backend.ts'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import type { Stateful } from '../../src/learning/stateful.ts'
import { CheckpointManager } from '../../src/trainer/checkpoint-manager.ts'
import { serveRounds } from '../framework/serve-rounds.ts'

interface Asked {
  readonly megabytes: number
  readonly backend: BackendName
  /** How the cases end that it measures. */
  readonly where: string
}

const arrays = 12

/**
 * How long this thread has been at work since it began, in milliseconds: what it does for a save, it cannot train meanwhile.
 * Linux counts it for each thread, so that what else the machine does is not in it.
 */
function busyMs(): number {
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6
}

/** Of all threads. */
function milliseconds({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1e3
}

let prepared: { readonly model: Stateful; readonly optimizer: Stateful; readonly bytes: number } | undefined

/** Weights in variables of their own, and moments in one that they share, as training has them; made once. */
async function stateOf({ megabytes, backend }: Asked) {
  if (prepared !== undefined) return prepared
  await prepareBackend(backend)
  const size = Math.round((megabytes * 1e6) / 4 / 3 / arrays)
  // Computed, so that the backend holds the values and not JavaScript.
  const variableOf = (count: number) => tf.tidy(() => tf.variable(tf.add(tf.randomNormal([count]), 0)))
  const partOf = (count: number, shared?: tf.Variable): Stateful => ({
    slots: Array.from({ length: count }, (_, index) => ({
      name: `array${index}`,
      shape: [size],
      variable: shared ?? variableOf(size),
      offset: shared === undefined ? 0 : index * size,
    })),
    counters: () => ({}),
    restoreCounters: () => {},
  })
  const optimizer = partOf(2 * arrays, variableOf(2 * arrays * size))
  prepared = { model: partOf(arrays), optimizer, bytes: 4 * 3 * arrays * size }
  return prepared
}

/** Saves and loads it: the file is hashed, read back and synced, and its hash is compared when it is loaded. */
async function checkpoint(asked: Asked) {
  const { model, optimizer, bytes } = await stateOf(asked)
  const folder = mkdtempSync(path.join(tmpdir(), 'chronograd-bench-'))
  try {
    const manager = new CheckpointManager({ model, optimizer, checkpointDir: folder })
    const file = path.join(folder, 'checkpoint.safetensors')
    const busyBefore = busyMs()
    const before = process.cpuUsage()
    const began = performance.now()
    await manager.saveCheckpoint(file)
    const saved = performance.now()
    const busy = busyMs() - busyBefore
    const processorSaved = process.cpuUsage(before)
    await manager.loadCheckpoint(file)
    const loaded = performance.now()
    const processorLoaded = process.cpuUsage(before)
    return {
      [`save, ${asked.where}`]: bytes / 1e3 / (saved - began),
      [`load, ${asked.where}`]: bytes / 1e3 / (loaded - saved),
      [`save, ${asked.where}, processor`]: milliseconds(processorSaved),
      [`load, ${asked.where}, processor`]: milliseconds(processorLoaded) - milliseconds(processorSaved),
      [`the training thread at work for a save, ${asked.where}`]: busy,
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Copies the same arrays into new memory, all of them, as whoever saves a copy would. */
async function copy(asked: Asked) {
  const { model, optimizer } = await stateOf(asked)
  const variables = new Set([...model.slots, ...optimizer.slots].map(({ variable }) => variable))
  const before = busyMs()
  const copies = [...variables].map(variable => variable.dataSync<'float32'>())
  const took = busyMs() - before
  if (copies.some(values => values.length === 0)) throw new Error('Nothing was copied.')
  return { [`the training thread at work for a save, ${asked.where}`]: took }
}

await serveRounds({
  checkpoint: options => checkpoint(options as unknown as Asked),
  copy: options => copy(options as unknown as Asked),
})
