/**
 * Saves and loads one large checkpoint, and says how long it took and how much memory JavaScript took beside the state.
 *
 *   node --import tsx bench/checkpoints.ts [tensorflow|wasm|cpu] [megabytes]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import type { BackendChoice } from '../src/backends/backend.ts'
import { prepareBackend } from '../src/backends/prepare-backend.ts'
import type { Stateful } from '../src/learning/stateful.ts'
import { CheckpointManager } from '../src/trainer/checkpoint-manager.ts'

const megabyte = 2 ** 20
const [choice = 'auto', size = '500'] = process.argv.slice(2)
const backend = await prepareBackend(choice as BackendChoice)

/** A part whose state takes so many megabytes, in eight arrays; as many variables, or one that they share. */
function partOf(megabytes: number, isFlat: boolean): Stateful {
  const rows = Math.round((megabytes * megabyte) / 4 / 8 / 1024)
  const variableOf = (count: number) => tf.tidy(() => tf.variable(tf.fill([count, 1024], 0.5)))
  const shared = isFlat ? variableOf(8 * rows) : undefined
  const slots = Array.from({ length: 8 }, (_, index) => ({
    name: `array${index}`,
    shape: [rows, 1024],
    variable: shared ?? variableOf(rows),
    offset: shared === undefined ? 0 : index * rows * 1024,
  }))
  return { slots, counters: () => ({}), restoreCounters: () => {} }
}

async function measured(what: string, work: () => Promise<unknown>): Promise<void> {
  const before = process.memoryUsage()
  const most = { ...before }
  const look = () => {
    const now = process.memoryUsage()
    for (const kind of ['rss', 'external', 'arrayBuffers'] as const) most[kind] = Math.max(most[kind], now[kind])
  }
  const timer = setInterval(look, 1)
  const started = performance.now()
  await work()
  const seconds = (performance.now() - started) / 1000
  clearInterval(timer)
  look()
  const grown = (kind: 'rss' | 'external' | 'arrayBuffers') =>
    `${kind} +${Math.round((most[kind] - before[kind]) / megabyte)}`
  console.log(
    `${what}: ${seconds.toFixed(2)} s, ${Math.round(Number(size) / seconds)} MB/s; at most, in MB: ${grown('arrayBuffers')}, ${grown('external')}, ${grown('rss')}`,
  )
}

const folder = mkdtempSync(path.join(tmpdir(), 'chronograd-bench-'))
try {
  const model = partOf(Number(size) / 3, false)
  const optimizer = partOf((2 * Number(size)) / 3, true)
  const manager = new CheckpointManager({ model, optimizer, checkpointDir: folder })
  const file = manager.getCheckpointPath({ epoch: 1 })
  console.log(`${size} MB on ${backend.name} ${backend.version}, ${backend.threads} threads, Node ${process.version}`)
  for (let round = 1; round <= 2; round++) {
    await measured('save', () => manager.saveCheckpoint(file))
    await measured('verify', () => manager.verifyCheckpoint(file))
    await measured('load', () => manager.loadCheckpoint(file))
  }
} finally {
  rmSync(folder, { recursive: true })
}
