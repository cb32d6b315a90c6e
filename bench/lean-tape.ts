/**
 * What keeping the tape lean brings: forward and backward of a preset with it, and with `tf.variableGrads` as it is, in
 * turns; the most that tensors take at once, and the time.
 *
 *     node --import tsx bench/lean-tape.ts [tensorflow|wasm|cpu] [preset] [batch size] [rounds]
 */
import * as tf from '@tensorflow/tfjs-core'
import type { BackendName } from '../src/backends/backend.ts'
import { prepareBackend } from '../src/backends/prepare-backend.ts'
import '../src/learning/gradients.ts'
import { AdamW } from '../src/learning/adamw.ts'
import { createDualEncoder } from '../src/learning/dual-encoder.ts'
import { keepTapeLean } from '../src/learning/lean-tape.ts'
import { lossOf } from '../src/learning/loss/batch-loss.ts'
import { TrainingPass } from '../src/learning/pass.ts'
import { type PresetName, presets } from '../src/learning/presets.ts'
import { batchTensors } from '../src/learning/training-batch.ts'
import { TensorLedger } from '../test/support/tensor-ledger.ts'
import { machineLine, thisMachine } from './framework/machine.ts'
import { randomBatch } from './memory/random-batch.ts'

const [backendName = 'tensorflow', presetName = 'convolutional-tiny', size = '256', rounds = '10'] =
  process.argv.slice(2)
const preset = presets[presetName as PresetName]
const machine = thisMachine()
const backend = await prepareBackend(backendName as BackendName)
const model = createDualEncoder(preset.model, { ...preset, seed: 1 })
const { layout } = new AdamW(model.parameters)
const variables = layout.slots.map(({ parameter }) => parameter.variable)
const batch = randomBatch(preset, Number(size))
const loss = lossOf()

function gradients(lean: boolean): void {
  tf.tidy(() => {
    const pass = new TrainingPass({ seed: 1, step: 1 })
    const { grads } = tf.variableGrads(() => {
      if (lean) keepTapeLean()
      const { images, tokens } = batchTensors(batch)
      return loss({ images: model.encodeImages(images, pass), texts: model.encodeTexts(tokens, pass) }, model, batch)
    }, variables)
    tf.sum(layout.flatten(grads)).dataSync()
    pass.discard()
  })
}

const contenders = { 'tf.variableGrads': false, 'with a lean tape': true }
const times = new Map<string, number[]>()
for (let round = -2; round < Number(rounds); round++) {
  for (const [name, lean] of Object.entries(contenders)) {
    const began = performance.now()
    gradients(lean)
    if (round >= 0) times.set(name, [...(times.get(name) ?? []), performance.now() - began])
  }
}

console.log(machineLine({ ...machine, versions: { ...machine.versions, [backend.name]: backend.version } }))
console.log(`${presetName}, ${size} pairs, on ${backend.name}`)
const ledger = new TensorLedger()
for (const [name, lean] of Object.entries(contenders)) {
  ledger.reset()
  gradients(lean)
  const values = (times.get(name) ?? []).toSorted((one, other) => one - other)
  const [least, most, median] = [values[0], values.at(-1), values[values.length >> 1]].map(value => value?.toFixed(0))
  console.log(`${name}: ${(ledger.peak / 1e6).toFixed(0)} MB, ${median} ms (${least} to ${most})`)
}
ledger.close()
