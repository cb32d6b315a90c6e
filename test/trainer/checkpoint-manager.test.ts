import { appendFile, mkdir, open, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { AdamW, adamwConfig } from '../../src/learning/adamw.ts'
import { StateMismatchError } from '../../src/learning/match-arrays.ts'
import { trainingStep } from '../../src/learning/training-step.ts'
import { type FloatTensor, readSafetensors, SafetensorsError, writeSafetensors } from '../../src/storage/safetensors.ts'
import { CheckpointError, CheckpointManager } from '../../src/trainer/checkpoint-manager.ts'
import { rejectedBy } from '../support/rejected.ts'
import { assertSame } from '../support/same.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { tinyBatch, tinyModel } from '../support/tiny-model.ts'

const test = suite('CheckpointManager')

test.before(async () => {
  await prepareBackend('cpu')
})

/** A model with its optimizer after some steps, and a manager of them. */
function learner(
  checkpointDir: string,
  { seed = 1, steps = 2, text }: { seed?: number; steps?: number; text?: Parameters<typeof tinyModel>[1] } = {},
) {
  const model = text === undefined ? tinyModel(seed) : tinyModel(seed, text)
  const optimizer = new AdamW(model.parameters, adamwConfig.parse({}))
  const train = (from: number, to: number) => {
    for (let step = from; step <= to; step++) {
      trainingStep({ model, optimizer, batch: tinyBatch(4, step), learningRate: 1e-2, clipNorm: 1, seed, step })
    }
  }
  train(1, steps)
  const manager = new CheckpointManager({ model, optimizer, checkpointDir })
  const state = () => [model.state(), optimizer.state(), manager.state]
  return { model, optimizer, manager, train, state }
}

const progress = { currentEpoch: 5, globalStep: 1000, bestValMetric: 0.85, patienceCounter: 2 }

test('loads what it saved, to the last bit, and training goes on as it would have', async () => {
  await inTemporaryFolder(async folder => {
    const one = learner(join(folder, 'deep', 'checkpoints'))
    one.manager.updateState(progress)
    const file = one.manager.getCheckpointPath({ epoch: 5, metricValue: 0.85 })
    const { bytes, sha256 } = await one.manager.saveCheckpoint(file)
    await one.manager.verifyCheckpoint(file, sha256)

    const other = learner(folder, { seed: 2, steps: 1 })
    assert.not.equal(other.state(), one.state())
    assert.equal(await other.manager.loadCheckpoint(file, { sha256 }), progress)
    assertSame(other.state(), one.state())
    assert.is((await readSafetensors(file)).bytes, bytes)

    one.train(3, 4)
    const third = learner(folder)
    await third.manager.loadCheckpoint(file)
    third.train(3, 4)
    assertSame(third.state(), one.state())
  })
})

test('the same state gives the same file', async () => {
  await inTemporaryFolder(async folder => {
    const { manager } = learner(folder)
    const one = await manager.saveCheckpoint(join(folder, 'one.safetensors'))
    assert.equal(await manager.saveCheckpoint(join(folder, 'other.safetensors')), one)
  })
})

test('names a file by its epoch and metric, and makes its folder when one is saved', async () => {
  await inTemporaryFolder(async folder => {
    const { manager } = learner(join(folder, 'checkpoints'))
    assert.is(manager.getCheckpointPath({ epoch: 5 }), join(folder, 'checkpoints', 'epoch-0005.safetensors'))
    const file = manager.getCheckpointPath({ epoch: 12, metricValue: 0.85 })
    assert.is(file, join(folder, 'checkpoints', 'epoch-0012-metric-0.8500.safetensors'))
    assert.equal(await readdir(folder), [])
    await manager.saveCheckpoint(file)
    assert.equal(await readdir(join(folder, 'checkpoints')), ['epoch-0012-metric-0.8500.safetensors'])
  })
})

test('takes its state in part or whole', async () => {
  const { manager } = learner('unused')
  manager.updateState({ currentEpoch: 3, globalStep: 30 })
  manager.updateState({ globalStep: 40, bestValMetric: 0.5 })
  assert.equal(manager.state, { currentEpoch: 3, globalStep: 40, bestValMetric: 0.5, patienceCounter: 0 })
})

test('lists checkpoints oldest first and knows the latest, temporary files aside', async () => {
  await inTemporaryFolder(async folder => {
    const { manager } = learner(join(folder, 'checkpoints'))
    assert.equal(await manager.listCheckpoints(), [])
    assert.is(await manager.getLatestCheckpoint(), undefined)
    const files = ['b', 'a', 'd', 'c'].map(name => join(manager.checkpointDir, `${name}.safetensors`))
    await mkdir(manager.checkpointDir)
    for (const [index, file] of files.entries()) {
      await writeFile(file, '')
      // The last two are of one moment: then the name decides.
      await utimes(file, 1_000, 1_000 + Math.min(index, 2))
    }
    await writeFile(join(manager.checkpointDir, 'z.safetensors.0a1b.tmp'), '')
    await writeFile(join(manager.checkpointDir, 'notes.txt'), '')
    const [b, a, d, c] = files
    assert.equal(await manager.listCheckpoints(), [b, a, c, d])
    assert.is(await manager.getLatestCheckpoint(), d)
    await manager.deleteCheckpoint(d ?? '')
    await manager.deleteCheckpoint(d ?? '')
    assert.is(await manager.getLatestCheckpoint(), c)
  })
})

/** Writes a checkpoint of `one`, changed by `change`. */
async function changedCheckpoint(
  folder: string,
  change: (tensors: FloatTensor[], metadata: Record<string, string>) => FloatTensor[],
): Promise<string> {
  const { manager } = learner(folder)
  const whole = join(folder, 'whole.safetensors')
  await manager.saveCheckpoint(whole)
  const { tensors, metadata } = await readSafetensors(whole)
  const changedMetadata = { ...metadata }
  const changedTensors = change([...tensors], changedMetadata)
  const file = join(folder, 'changed.safetensors')
  const handle = await open(file, 'w')
  await writeSafetensors(handle, changedTensors, changedMetadata)
  await handle.close()
  return file
}

const mismatches: Readonly<Record<string, (tensors: FloatTensor[]) => FloatTensor[]>> = {
  'an array of the model is missing': tensors => tensors.filter(({ name }) => name !== 'model.logitScale'),
  'an array of the model has another shape': tensors =>
    tensors.map(tensor => (tensor.name === 'model.logitScale' ? { ...tensor, shape: [1] } : tensor)),
  'the model has an array too many': tensors => [
    ...tensors,
    { name: 'model.extra', shape: [1], values: new Float32Array(1) },
  ],
  'an array of the optimizer is missing': tensors =>
    tensors.filter(({ name }) => name !== 'optimizer.second.logitScale'),
  'there are no arrays at all': () => [],
}

for (const [what, change] of Object.entries(mismatches)) {
  test(`where ${what}, nothing is changed`, async () => {
    await inTemporaryFolder(async folder => {
      const file = await changedCheckpoint(folder, change)
      const other = learner(folder, { seed: 3 })
      const before = other.state()
      await rejectedBy(StateMismatchError, other.manager.loadCheckpoint(file))
      assertSame(other.state(), before)
    })
  })
}

const wrongMetadata: Readonly<Record<string, Record<string, string>>> = {
  'another format': { format: 'chronograd-checkpoint-9' },
  'a step that is no number': { optimizerStep: 'seven' },
  'a step beyond counting': { optimizerStep: '9'.repeat(400) },
  'progress that is not JSON': { state: '{' },
  'progress with a field missing': { state: '{"currentEpoch":1}' },
  'progress that is negative': { state: JSON.stringify({ ...progress, globalStep: -1 }) },
  'more than there should be': { extra: 'yes' },
}

for (const [what, metadata] of Object.entries(wrongMetadata)) {
  test(`where the metadata has ${what}, nothing is changed`, async () => {
    await inTemporaryFolder(async folder => {
      const file = await changedCheckpoint(folder, (tensors, stored) => {
        Object.assign(stored, metadata)
        return tensors
      })
      const other = learner(folder, { seed: 3 })
      const before = other.state()
      await rejectedBy(CheckpointError, other.manager.loadCheckpoint(file))
      assertSame(other.state(), before)
    })
  })
}

test('a checkpoint of another model is refused and changes nothing', async () => {
  await inTemporaryFolder(async folder => {
    const file = join(folder, 'one.safetensors')
    await learner(folder).manager.saveCheckpoint(file)
    const other = learner(folder, { text: { kind: 'transformer', width: 8, layers: 1, heads: 2 } })
    const before = other.state()
    await rejectedBy(StateMismatchError, other.manager.loadCheckpoint(file))
    assertSame(other.state(), before)
  })
})

test('a file that is not the one in the log, or none, is refused and changes nothing', async () => {
  await inTemporaryFolder(async folder => {
    const { manager, state } = learner(folder)
    const file = join(folder, 'one.safetensors')
    const { sha256 } = await manager.saveCheckpoint(file)
    const before = state()
    const { message } = await rejectedBy(CheckpointError, manager.loadCheckpoint(file, { sha256: 'ab' }))
    assert.ok(message.includes(sha256) && message.includes('ab'))
    await rejectedBy(CheckpointError, manager.verifyCheckpoint(file, 'ab'))
    await appendFile(file, 'x')
    await rejectedBy(SafetensorsError, manager.loadCheckpoint(file, { sha256 }))
    await rm(file)
    await rejectedBy(SafetensorsError, manager.loadCheckpoint(file))
    assertSame(state(), before)
  })
})

test.run()
