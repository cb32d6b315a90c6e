/**
 * The memory of a training step: the most that tensors take at once, what that is, and for native TensorFlow by how much
 * the process grew. Shapes are what counts, so the pictures and texts are made up.
 *
 *     node --import tsx bench/memory.ts [tensorflow|wasm|cpu] [preset] [batch size] [micro-batch size] [--recompute]
 */
import { parseArgs } from 'node:util'
import type * as tf from '@tensorflow/tfjs-core'
import type { BackendName } from '../src/backends/backend.ts'
import { prepareBackend } from '../src/backends/prepare-backend.ts'
import { AdamW } from '../src/learning/adamw.ts'
import { createDualEncoder } from '../src/learning/dual-encoder.ts'
import { type PresetName, presets } from '../src/learning/presets.ts'
import { trainingStep } from '../src/learning/training-step.ts'
import { type HeldArray, TensorLedger } from '../test/support/tensor-ledger.ts'
import { machineLine, thisMachine } from './framework/machine.ts'
import { randomBatch } from './memory/random-batch.ts'

const { positionals, values } = parseArgs({ allowPositionals: true, options: { recompute: { type: 'boolean' } } })
const [backendName = 'tensorflow', presetName = 'convolutional-tiny', batchSize = '256', microBatch] = positionals
const { recompute: recomputeActivations = false } = values
const size = Number(batchSize)
const preset = presets[presetName as PresetName]
const machine = thisMachine()
const backend = await prepareBackend(backendName as BackendName)
const ledger = new TensorLedger()

const { imageSize } = preset
const model = createDualEncoder(preset.model, { ...preset, seed: 1 })
const optimizer = new AdamW(model.parameters)
const batch = randomBatch(preset, size)

const weights = new Set<tf.Tensor>(model.parameters.map(({ variable }) => variable))
const moments = new Set<tf.Tensor>(optimizer.slots.map(({ variable }) => variable))

function kindOf({ tensors, madeIn, shape }: HeldArray): string {
  const all = [...tensors]
  if (all.some(tensor => weights.has(tensor))) return 'weights'
  if (all.some(tensor => moments.has(tensor))) return "the optimizer's moments"
  if (shape.length === 4 && shape[1] === imageSize && shape[3] === 3) return 'pictures'
  if (all.some(({ kept }) => kept)) return 'activations kept for the backward pass'
  if (madeIn === 'forward') return 'activations that no gradient needs'
  if (madeIn === 'optimizer') return "the update's intermediate values"
  return 'gradients'
}

let step = 1
const trainOnce = () => {
  const microBatchSize = microBatch === undefined ? null : Number(microBatch)
  const settings = { microBatchSize, recomputeActivations }
  trainingStep({ model, optimizer, batch, learningRate: 1e-4, seed: 1, step, ...settings, track: ledger })
}
const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1).padStart(9)
const highWater = () => process.resourceUsage().maxRSS * 1024

const before = highWater()
const held = ledger.bytes
const arrays = ledger.atPeak(trainOnce, array => ({ ...array, kind: kindOf(array) }))
const kinds = new Map<string, number>()
for (const { kind, bytes } of arrays) kinds.set(kind, (kinds.get(kind) ?? 0) + bytes)

console.log(machineLine({ ...machine, versions: { ...machine.versions, [backend.name]: backend.version } }))
const how = [
  ...(microBatch === undefined ? [] : [`, ${microBatch} at once`]),
  ...(recomputeActivations ? [', activations recomputed'] : []),
]
console.log(`${presetName}, ${size} pairs${how.join('')}, on ${backend.name}`)
console.log(`${megabytes(held)} MB before the step`)
console.log(`${megabytes(ledger.peak)} MB at the peak of the step:`)
for (const [kind, bytes] of [...kinds].sort(([, one], [, other]) => other - one))
  console.log(`${megabytes(bytes)} MB ${kind}`)
for (step = 2; step <= 6; step++) trainOnce()
console.log(`${megabytes(highWater() - before)} MB that the process grew by at most, over six steps`)
