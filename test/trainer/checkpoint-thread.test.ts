import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import * as tf from '@tensorflow/tfjs-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { Store } from '../../src/storage/store.ts'
import { CheckpointError } from '../../src/trainer/checkpoint-errors.ts'
import { CheckpointManager } from '../../src/trainer/checkpoint-manager.ts'
import { colourRun } from '../support/colour-run.ts'
import { canMount, onSmallDisk } from '../support/disks.ts'
import { learner } from '../support/learner.ts'
import { OwnPart } from '../support/own-part.ts'
import { rejectedBy } from '../support/rejected.ts'
import { factsOf, finalHash, train } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { undisturbedRun } from '../support/undisturbed-run.ts'

const test = suite('the thread that writes checkpoints')

test.before.each(async () => {
  await prepareBackend('wasm')
})

/** Ends whichever thread is next given something to write, when it was given it. */
function killNextThread(): void {
  const { postMessage } = Worker.prototype
  Worker.prototype.postMessage = function (this: Worker, ...given: Parameters<Worker['postMessage']>) {
    postMessage.apply(this, given)
    if (given[0]?.question?.kind !== 'values') return
    Worker.prototype.postMessage = postMessage
    void this.terminate()
  }
}

/** A manager of a state of so many megabytes. */
function large(checkpointDir: string, megabytes: number) {
  const model = new OwnPart({ one: [megabytes / 2, 2 ** 18], other: [megabytes / 2, 2 ** 18] }, {}, 0.5)
  return { model, manager: new CheckpointManager({ model, checkpointDir }) }
}

test('writes several files at once, each with its own values', async () => {
  await inTemporaryFolder(async folder => {
    const learners = [1, 2, 3].map(seed => learner(folder, { seed }))
    const saved = await Promise.all(
      learners.map(({ manager }, index) => manager.saveCheckpoint(join(folder, `${index}`))),
    )
    for (const [index, { state }] of learners.entries()) {
      const other = learner(folder, { seed: 9 })
      await other.manager.loadCheckpoint(join(folder, `${index}`), { sha256: saved[index]?.sha256 ?? '' })
      assert.equal(other.state(), state())
    }
  })
})

test('lets others have their turn while it is given a large state', async () => {
  await inTemporaryFolder(async folder => {
    const { model, manager } = large(folder, 160)
    let turns = 0
    let isSaving = true
    const count = () => {
      turns += 1
      if (isSaving) setImmediate(count)
    }
    setImmediate(count)
    const { standstillMs } = await manager.saveCheckpoint(join(folder, 'large'))
    isSaving = false
    // Some is given at once, and the rest as it gets through with that.
    assert.ok(turns > 3, `${turns} turns`)
    assert.ok(standstillMs > 0)
    model.dispose()
  })
})

test('when it dies, says so and leaves nothing behind, and another one writes the next file', async () => {
  await inTemporaryFolder(async folder => {
    const { model, manager } = large(folder, 64)
    const tensors = tf.memory().numTensors
    killNextThread()
    const { message } = await rejectedBy(CheckpointError, manager.saveCheckpoint(join(folder, 'large')))
    assert.match(message, /cannot be written \(The thread that writes checkpoints ended \(1\)\)/)
    assert.equal(await readdir(folder), [])
    assert.is(tf.memory().numTensors, tensors)
    const { file, sha256 } = await manager.saveCheckpoint(join(folder, 'large'))
    await manager.verifyCheckpoint(file, sha256)
    model.dispose()
  })
})

test('when it dies, training goes on without the checkpoint, to the same bits', async () => {
  await inTemporaryFolder(async store => {
    killNextThread()
    assert.is(await train(colourRun(), { store }), 'completed')
    const failed = factsOf(store, 'colours', 'checkpoint.failed')
    assert.equal(
      failed.map(({ data }) => data.step),
      [4],
    )
    assert.match(failed[0]?.data.error ?? '', 'The thread that writes checkpoints ended')
    assert.is(finalHash(store, 'colours'), (await undisturbedRun()).hash)
    const files = await readdir(new Store(store).checkpointFolder('colours'))
    assert.ok(files.every(file => file.endsWith('.safetensors')))
  })
})

test('gives a file up whose values cannot be had, and leaves nothing behind', async () => {
  await inTemporaryFolder(async folder => {
    const { model, manager } = large(folder, 64)
    const captured = manager.captureCheckpoint()
    captured.dispose()
    const { message } = await rejectedBy(CheckpointError, manager.saveCheckpoint(join(folder, 'large'), { captured }))
    assert.match(message, 'has let go of it')
    assert.equal(await readdir(folder), [])
    model.dispose()
  })
})

const onFullDisk = () =>
  onSmallDisk(40 * 1024, async folder => {
    const { model, manager } = large(folder, 160)
    const tensors = tf.memory().numTensors
    const file = join(folder, 'large')
    const { message } = await rejectedBy(CheckpointError, manager.saveCheckpoint(file))
    assert.match(message, /ENOSPC/)
    assert.equal(await readdir(folder), [])
    assert.is(tf.memory().numTensors, tensors)
    model.dispose()
    const small = large(folder, 16)
    await small.manager.saveCheckpoint(file)
    await small.manager.verifyCheckpoint(file)
    small.model.dispose()
  })
if (canMount) test('on a full disk says so, leaves nothing behind, and writes what there is room for', onFullDisk)
else test.skip('on a full disk: nothing can be mounted here', onFullDisk)

test('says why it cannot write into a folder', async () => {
  await inTemporaryFolder(async folder => {
    await writeFile(join(folder, 'in-the-way'), '')
    const { model, manager } = large(folder, 2)
    const file = join(folder, 'in-the-way', 'large')
    const { message } = await rejectedBy(CheckpointError, manager.saveCheckpoint(file))
    assert.match(message, /cannot be written \((EEXIST|ENOTDIR)/)
    assert.equal(await readdir(folder), ['in-the-way'])
    model.dispose()
  })
})

test.run()
