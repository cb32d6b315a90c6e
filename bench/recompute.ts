/**
 * What `recomputeActivations` brings and costs: steps of a preset with and without it, in turns; the most that tensors take
 * at once, and the time. Beside them, steps with a `microBatchSize`, where one is given.
 *
 *     node --import tsx bench/recompute.ts [tensorflow|wasm|cpu] [preset] [batch size] [rounds] [micro-batch size]
 */
import type { BackendName } from '../src/backends/backend.ts'
import { prepareBackend } from '../src/backends/prepare-backend.ts'
import { AdamW } from '../src/learning/adamw.ts'
import { createDualEncoder } from '../src/learning/dual-encoder.ts'
import { type PresetName, presets } from '../src/learning/presets.ts'
import { trainingStep } from '../src/learning/training-step.ts'
import { TensorLedger } from '../test/support/tensor-ledger.ts'
import { machineLine, thisMachine } from './framework/machine.ts'
import { median, spreadOf } from './framework/statistics.ts'
import { randomBatch } from './memory/random-batch.ts'

const [backendName = 'tensorflow', presetName = 'vit-micro-8', batchSize = '256', rounds = '5', microBatch] =
  process.argv.slice(2)
const preset = presets[presetName as PresetName]
const machine = thisMachine()
const backend = await prepareBackend(backendName as BackendName)
const ledger = new TensorLedger()
const model = createDualEncoder(preset.model, { ...preset, seed: 1 })
const optimizer = new AdamW(model.parameters)
const batch = randomBatch(preset, Number(batchSize))

const contenders: Readonly<Record<string, { recomputeActivations?: boolean; microBatchSize?: number }>> = {
  'everything kept': {},
  'activations recomputed': { recomputeActivations: true },
  ...(microBatch && { [`${microBatch} at once`]: { microBatchSize: Number(microBatch) } }),
}

let step = 0
function train(settings: object): number {
  const began = performance.now()
  step += 1
  trainingStep({ model, optimizer, batch, learningRate: 1e-4, seed: 1, step, ...settings })
  return performance.now() - began
}

const peaks = new Map<string, number>()
for (const [name, settings] of Object.entries(contenders)) {
  train(settings)
  ledger.reset()
  train(settings)
  peaks.set(name, ledger.peak)
}
ledger.close()

const times = new Map<string, number[]>(Object.keys(contenders).map(name => [name, []]))
for (let round = 0; round < Number(rounds); round++) {
  for (const [name, settings] of Object.entries(contenders)) times.get(name)?.push(train(settings))
}

console.log(machineLine({ ...machine, versions: { ...machine.versions, [backend.name]: backend.version } }))
console.log(`${presetName}, ${batchSize} pairs, on ${backend.name}, ${rounds} rounds`)
for (const [name, values] of times) {
  const megabytes = ((peaks.get(name) ?? Number.NaN) / 1e6).toFixed(0)
  const [least, most] = spreadOf(values).map(value => value.toFixed(0))
  console.log(`${name}: ${megabytes} MB, ${median(values).toFixed(0)} ms (${least} to ${most})`)
}
