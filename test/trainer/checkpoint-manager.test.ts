import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import type { Stateful } from '../../src/learning/stateful.ts'
import { CheckpointError, CheckpointMismatchError } from '../../src/trainer/checkpoint-errors.ts'
import { CheckpointManager } from '../../src/trainer/checkpoint-manager.ts'
import { learner, someProgress } from '../support/learner.ts'
import { OwnPart } from '../support/own-part.ts'
import { rejectedBy } from '../support/rejected.ts'
import { readArrays } from '../support/safetensors.ts'
import { assertSame } from '../support/same.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { thrownBy } from '../support/thrown.ts'
import { usableBackends } from '../support/usable-backends.ts'

const test = suite('CheckpointManager')

test.before.each(async () => {
  await prepareBackend('cpu')
})

test('is new: no progress, no checkpoint, and its folder not yet made', async () => {
  await inTemporaryFolder(async folder => {
    const { manager } = learner(join(folder, 'checkpoints'), { steps: 0 })
    assert.equal(manager.state, { currentEpoch: 0, globalStep: 0, bestValMetric: null, patienceCounter: 0 })
    assert.equal(await manager.listCheckpoints(), [])
    assert.is(await manager.getLatestCheckpoint(), undefined)
    assert.is(await manager.getBestCheckpoint(), undefined)
    assert.equal(await manager.applyRetention(), [])
    assert.equal(await readdir(folder), [])
  })
})

for (const backend of usableBackends()) {
  test(`loads what it saved, to the last bit, and training goes on as it would have, on ${backend}`, async () => {
    await prepareBackend(backend)
    await inTemporaryFolder(async folder => {
      const one = learner(join(folder, 'deep', 'checkpoints'))
      one.manager.updateState(someProgress)
      const file = one.manager.getCheckpointPath({ epoch: 5, metricValue: 0.85 })
      const { bytes, sha256 } = await one.manager.saveCheckpoint(file)
      await one.manager.verifyCheckpoint(file, sha256)

      const other = learner(folder, { seed: 2, steps: 1 })
      assert.not.equal(other.state(), one.state())
      assert.equal(await other.manager.loadCheckpoint(file, { sha256 }), { ...someProgress, mismatches: [] })
      assertSame(other.state(), one.state())
      assert.is((await readArrays(file)).bytes, bytes)

      one.train(3, 4)
      const third = learner(folder)
      await third.manager.loadCheckpoint(file)
      third.train(3, 4)
      assertSame(third.state(), one.state())
    })
  })
}

test('keeps every bit of a float32, and of a counter', async () => {
  await inTemporaryFolder(async checkpointDir => {
    const odd = [0, -0, 1e-45, -1e-45, 1.17549435e-38, 3.4028235e38, Infinity, -Infinity, Number.NaN, 0.1]
    const counters = { tiny: 5e-324, negativeZero: -0, large: 2 ** 53 - 1, '__proto__.x': 1, share: 1 / 3 }
    const [one, other] = [counters, { ...counters, tiny: 0, negativeZero: 0, large: 0, share: 0 }].map(own => {
      const part = new OwnPart({ values: [odd.length] }, own)
      const manager = new CheckpointManager({ model: part, optimizer: new OwnPart({}), checkpointDir })
      return { part, manager }
    })
    assert.ok(one && other)
    one.part.slots[0]?.variable.assign(tf.tensor1d(odd))
    const file = join(checkpointDir, 'odd.safetensors')
    await one.manager.saveCheckpoint(file)
    await other.manager.loadCheckpoint(file)
    assertSame(other.part.slots[0]?.variable.dataSync(), Float32Array.from(odd))
    assertSame(other.part.counters(), counters)
  })
})

test('saves the state of the moment, though training goes on while it is written', async () => {
  await inTemporaryFolder(async folder => {
    const one = learner(folder)
    const before = one.state()
    const file = join(folder, 'one.safetensors')
    const saving = one.manager.saveCheckpoint(file)
    one.train(3, 5)
    one.manager.updateState(someProgress)
    await saving
    assert.not.equal(one.state(), before)
    const other = learner(folder, { seed: 2 })
    await other.manager.loadCheckpoint(file)
    assertSame(other.state(), before)
  })
})

test('the same state gives the same file', async () => {
  await inTemporaryFolder(async folder => {
    const { manager } = learner(folder)
    const { file, sha256, bytes } = await manager.saveCheckpoint(join(folder, 'one.safetensors'))
    assert.is(file, join(folder, 'one.safetensors'))
    const other = await manager.saveCheckpoint(join(folder, 'other.safetensors'))
    assert.equal([other.sha256, other.bytes], [sha256, bytes])
  })
})

test('names a file by its epoch and metric, and makes its folder when one is saved', async () => {
  await inTemporaryFolder(async folder => {
    const { manager } = learner(join(folder, 'deep', 'checkpoints'))
    const directory = join(folder, 'deep', 'checkpoints')
    assert.is(manager.getCheckpointPath({ epoch: 5 }), join(directory, 'epoch-0005.safetensors'))
    const file = manager.getCheckpointPath({ epoch: 12, metricValue: 0.85 })
    assert.is(file, join(directory, 'epoch-0012-metric-0.8500.safetensors'))
    assert.equal(await readdir(folder), [])
    await manager.saveCheckpoint(file)
    assert.equal(await readdir(directory), ['epoch-0012-metric-0.8500.safetensors'])
  })
})

test('writes over a checkpoint of the same name, whole', async () => {
  await inTemporaryFolder(async folder => {
    const one = learner(folder)
    const file = join(folder, 'one.safetensors')
    await one.manager.saveCheckpoint(file)
    one.train(3, 3)
    const { sha256 } = await one.manager.saveCheckpoint(file)
    await one.manager.verifyCheckpoint(file, sha256)
    assert.equal(await readdir(folder), ['one.safetensors'])
  })
})

test('takes progress in part or whole, and refuses what is none', () => {
  const { manager } = learner('unused', { steps: 0 })
  manager.updateState({ currentEpoch: 3, globalStep: 30 })
  manager.updateState({ globalStep: 40, bestValMetric: 0.5 })
  const state = { currentEpoch: 3, globalStep: 40, bestValMetric: 0.5, patienceCounter: 0 }
  assert.equal(manager.state, state)
  for (const wrong of [
    { globalStep: -1 },
    { currentEpoch: 1.5 },
    { bestValMetric: Number.NaN },
    { patienceCounter: 2 ** 60 },
  ]) {
    const { message } = thrownBy(CheckpointError, () => manager.updateState(wrong))
    assert.match(message, Object.keys(wrong)[0] as string)
    assert.equal(manager.state, state)
  }
  manager.updateState(someProgress)
  assert.equal(manager.state, someProgress)
})

test('keeps a schedule, an average of the weights and any other part beside the model', async () => {
  await inTemporaryFolder(async folder => {
    const partsOf = (value: number): Record<string, Stateful> => ({
      scheduler: new OwnPart({}, { lastStep: value, plateaus: value / 2 }),
      average: new OwnPart({ weights: [2, 3], bias: [] }, { decay: 1 / value }, value),
    })
    const file = join(folder, 'one.safetensors')
    const one = learner(folder, { parts: partsOf(3) })
    await one.manager.saveCheckpoint(file)
    const names = (await readArrays(file)).arrays.map(({ name }) => name)
    assert.ok(['average.weights', 'model.logitScale', 'optimizer.first.logitScale'].every(name => names.includes(name)))

    const parts = partsOf(8)
    await learner(folder, { parts }).manager.loadCheckpoint(file)
    assert.equal(parts.scheduler?.counters(), { lastStep: 3, plateaus: 1.5 })
    assert.equal(parts.average?.counters(), { decay: 1 / 3 })
    assert.equal(
      parts.average?.slots.map(({ variable }) => [...variable.dataSync()]),
      [Array(6).fill(3), [3]],
    )
  })
})

test('leaves no tensors behind, whether it saves, loads or fails', async () => {
  await inTemporaryFolder(async folder => {
    const { manager } = learner(folder)
    const file = join(folder, 'one.safetensors')
    await writeFile(join(folder, 'in-the-way'), '')
    const before = tf.memory().numTensors
    for (let round = 0; round < 3; round++) {
      await manager.saveCheckpoint(file)
      await manager.loadCheckpoint(file)
      await rejectedBy(CheckpointMismatchError, manager.loadCheckpoint(file, { sha256: 'ab' }))
      await rejectedBy(CheckpointError, manager.saveCheckpoint(join(folder, 'in-the-way', 'one.safetensors')))
    }
    assert.is(tf.memory().numTensors, before)
  })
})

test('says why a checkpoint cannot be written, and leaves nothing half-written', async () => {
  await inTemporaryFolder(async folder => {
    const { manager } = learner(folder)
    await mkdir(join(folder, 'taken.safetensors', 'within'), { recursive: true })
    const file = join(folder, 'taken.safetensors')
    assert.match((await rejectedBy(CheckpointError, manager.saveCheckpoint(file))).message, file)
    assert.equal(await readdir(folder), ['taken.safetensors'])
  })
})

test('refuses state that a checkpoint cannot keep', async () => {
  await inTemporaryFolder(async folder => {
    const whole = new OwnPart({ a: [1] })
    const [slot] = whole.slots
    assert.ok(slot)
    const integers = { ...slot, variable: tf.variable(tf.scalar(1, 'int32')), shape: [] }
    const partsOf = (slots: Stateful['slots'], counters = {}): Stateful => ({
      slots,
      counters: () => counters,
      restoreCounters: () => {},
    })
    const wrong: [RegExp, Record<string, Stateful>][] = [
      [/counter own\.count is NaN/, { own: partsOf([], { count: Number.NaN }) }],
      [/counter own\.count is Infinity/, { own: partsOf([], { count: Infinity }) }],
      [/array own\.a is int32/, { own: partsOf([integers]) }],
      [/Two arrays are called own\.a\b/, { own: partsOf([slot, slot]) }],
    ]
    for (const [says, parts] of wrong) {
      const { manager } = learner(folder, { parts, steps: 0 })
      assert.match((await rejectedBy(CheckpointError, manager.saveCheckpoint(join(folder, 'one')))).message, says)
    }
    for (const name of ['', 'two words', 'a.b', '__proto__x', 'model', 'optimizer']) {
      thrownBy(CheckpointError, () => learner(folder, { parts: { [name]: whole }, steps: 0 }))
    }
    assert.equal(await readdir(folder), [])
  })
})

test.run()
