import { open } from 'node:fs/promises'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { SafetensorsError } from '../../src/storage/safetensors.ts'
import { CheckpointMismatchError } from '../../src/trainer/checkpoint-errors.ts'
import { CheckpointManager } from '../../src/trainer/checkpoint-manager.ts'
import { OwnPart } from '../support/own-part.ts'
import { rejectedBy } from '../support/rejected.ts'
import { readArrays } from '../support/safetensors.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { usableBackends } from '../support/usable-backends.ts'

const test = suite('the memory that checkpoints take')

const megabyte = 2 ** 20

/** By how much, at most, JavaScript's buffers grew while `work` was being done, in megabytes. */
async function bufferGrowth(work: () => Promise<unknown>): Promise<number> {
  const { arrayBuffers: before } = process.memoryUsage()
  let most = before
  const look = () => {
    most = Math.max(most, process.memoryUsage().arrayBuffers)
  }
  const timer = setInterval(look, 1)
  await work()
  clearInterval(timer)
  look()
  return (most - before) / megabyte
}

for (const backend of usableBackends()) {
  test(`is a few pieces, not a copy of the state, on ${backend}`, async () => {
    await prepareBackend(backend)
    await inTemporaryFolder(async folder => {
      const tensors = tf.memory().numTensors
      // 208 MB: an array that takes several pieces, and one that takes less than one.
      const model = new OwnPart({ large: [200, 512, 512], small: [2, megabyte] }, {}, 0.5)
      const manager = new CheckpointManager({ model, optimizer: new OwnPart({}), checkpointDir: folder })
      const file = join(folder, 'large.safetensors')
      const saving = await bufferGrowth(() => manager.saveCheckpoint(file))
      assert.ok(saving < 96, `saving took ${saving} MB`)
      // On the cpu backend, tensors are JavaScript's buffers, so that a state that is loaded is there beside the present.
      const loading = await bufferGrowth(() => manager.loadCheckpoint(file))
      if (backend !== 'cpu') assert.ok(loading < 96, `loading took ${loading} MB`)
      assert.is(tf.memory().numTensors, tensors + 2)
      model.dispose()
    })
  })
}

test('does not follow what a file says of itself', async () => {
  await prepareBackend('cpu')
  await inTemporaryFolder(async folder => {
    const file = join(folder, 'hostile.safetensors')
    const model = new OwnPart({ kernel: [3] })
    const manager = new CheckpointManager({ model, optimizer: new OwnPart({}), checkpointDir: folder })
    await manager.saveCheckpoint(file)
    const { metadata } = await readArrays(file)
    // Files with holes, which take no room on the disk.
    const write = async (header: Buffer, length: bigint, size: number) => {
      const handle = await open(file, 'w')
      const start = Buffer.alloc(8)
      start.writeBigUInt64LE(length)
      await handle.writeFile(Buffer.concat([start, header]))
      await handle.truncate(size)
      await handle.close()
    }
    await write(Buffer.from('{"a":'), 6n * 2n ** 30n, 8 * 2 ** 30)
    assert.ok((await bufferGrowth(() => rejectedBy(SafetensorsError, manager.loadCheckpoint(file)))) < 8)

    const bytes = 256 * megabyte
    const entry = { dtype: 'F32', shape: [bytes / 4], data_offsets: [0, bytes] }
    const header = Buffer.from(JSON.stringify({ __metadata__: metadata, 'model.kernel': entry }))
    await write(header, BigInt(header.length), 8 + header.length + bytes)
    const growth = await bufferGrowth(() => rejectedBy(CheckpointMismatchError, manager.loadCheckpoint(file)))
    assert.ok(growth < 32, `an array of another shape took ${growth} MB`)
  })
})

test.run()
