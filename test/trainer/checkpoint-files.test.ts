import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, truncate, utimes, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { SafetensorsError } from '../../src/storage/safetensors.ts'
import { CheckpointError } from '../../src/trainer/checkpoint-errors.ts'
import { CheckpointManager, type CheckpointManagerOptions } from '../../src/trainer/checkpoint-manager.ts'
import { OwnPart } from '../support/own-part.ts'
import { rejectedBy } from '../support/rejected.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { warningsDuring } from '../support/warnings.ts'

const test = suite('the files of checkpoints')

test.before(async () => {
  await prepareBackend('cpu')
})

/** A manager of a very small model, and the notices that it gives. */
function managed(checkpointDir: string, options: Partial<CheckpointManagerOptions> = {}) {
  const notices: string[] = []
  const manager = new CheckpointManager({
    model: new OwnPart({ kernel: [3] }),
    optimizer: new OwnPart({}, { step: 0 }),
    checkpointDir,
    onNotice: sentence => notices.push(sentence),
    ...options,
  })
  let saved = 0
  /** Saves checkpoints of these names, each a second later than the one before. */
  const save = async (...names: string[]) => {
    for (const name of names) {
      const { file } = await manager.saveCheckpoint(join(checkpointDir, `${name}.safetensors`))
      saved += 1
      await utimes(file, saved, saved)
    }
  }
  const files = async () => (await readdir(checkpointDir)).map(name => basename(name, '.safetensors')).sort()
  return { manager, notices, save, files }
}

const named = (file: string | undefined) => (file === undefined ? undefined : basename(file, '.safetensors'))

test('are listed oldest first, by name where two are of one moment, and nothing else is', async () => {
  await inTemporaryFolder(async folder => {
    const { manager, save, notices } = managed(folder)
    await save('b', 'a', 'd', 'c')
    await utimes(join(folder, 'c.safetensors'), 3, 3)
    await writeFile(join(folder, `z.safetensors.${randomUUID()}.tmp`), '')
    await writeFile(join(folder, 'notes.txt'), '')
    assert.equal((await manager.listCheckpoints()).map(named), ['b', 'a', 'c', 'd'])
    assert.equal(notices, [])
  })
})

test('the latest is known, and the one before it when that is deleted', async () => {
  await inTemporaryFolder(async folder => {
    const { manager, save, notices } = managed(folder)
    await save('one', 'other')
    const latest = (await manager.getLatestCheckpoint()) ?? ''
    assert.is(latest, join(folder, 'other.safetensors'))
    await manager.deleteCheckpoint(latest)
    await manager.deleteCheckpoint(latest)
    assert.is(named(await manager.getLatestCheckpoint()), 'one')
    assert.equal(notices, [])
  })
})

test('what is damaged or was never finished is passed over for the latest, and told', async () => {
  await inTemporaryFolder(async folder => {
    const { manager, save, notices } = managed(folder)
    await save('whole', 'truncated', 'foreign', 'empty')
    await truncate(join(folder, 'truncated.safetensors'), 200)
    await truncate(join(folder, 'empty.safetensors'), 0)
    await writeFile(join(folder, 'foreign.safetensors'), '\x02\0\0\0\0\0\0\0{}')
    const unfinished = `newest.safetensors.${randomUUID()}.tmp`
    await writeFile(join(folder, unfinished), '')
    await mkdir(join(folder, 'folder.safetensors'))
    for (const [index, name] of ['truncated.safetensors', 'empty.safetensors', 'foreign.safetensors'].entries()) {
      await utimes(join(folder, name), 50 + index, 50 + index)
    }
    await utimes(join(folder, 'folder.safetensors'), 60, 60)
    assert.is(named(await manager.getLatestCheckpoint()), 'whole')
    const said: [string, RegExp][] = [
      [unfinished, /never finished/],
      ['folder.safetensors', /EISDIR/],
      ['foreign.safetensors', /not a checkpoint/],
      ['empty.safetensors', /0 bytes/],
      ['truncated.safetensors', /header/],
    ]
    assert.is(notices.length, said.length, notices.join('\n'))
    for (const [index, [name, why]] of said.entries()) {
      assert.ok(notices[index]?.startsWith(`The checkpoint ${join(folder, name)} is passed over: `), notices[index])
      assert.match(notices[index] ?? '', why)
    }
    await manager.loadCheckpoint((await manager.getLatestCheckpoint()) ?? '')
  })
})

test('a wrong bit among the numbers shows where the latest is asked for verified', async () => {
  await inTemporaryFolder(async folder => {
    const { manager, save, notices } = managed(folder)
    await save('whole', 'damaged')
    const file = join(folder, 'damaged.safetensors')
    const bytes = await readFile(file)
    bytes.writeUInt8(1, bytes.length - 34)
    await writeFile(file, bytes)
    assert.is(named(await manager.getLatestCheckpoint()), 'damaged')
    assert.equal(notices, [])
    assert.is(named(await manager.getLatestCheckpoint({ verify: true })), 'whole')
    assert.match(notices.join(), /damaged\.safetensors is passed over: .* checksum/)
  })
})

test('what is passed over is a warning of the process, unless somebody listens', async () => {
  await inTemporaryFolder(async folder => {
    const quiet = new CheckpointManager({
      model: new OwnPart({}),
      optimizer: new OwnPart({}),
      checkpointDir: folder,
    })
    await writeFile(join(folder, 'empty.safetensors'), '')
    const warnings = await warningsDuring(async () => assert.is(await quiet.getLatestCheckpoint(), undefined))
    assert.is(warnings.length, 1)
    assert.match(warnings[0]?.message ?? '', 'empty.safetensors is passed over')
  })
})

test('tell their progress and metric without being loaded', async () => {
  await inTemporaryFolder(async folder => {
    const { manager } = managed(folder)
    const state = { currentEpoch: 3, globalStep: 30, bestValMetric: 0.5, patienceCounter: 1 }
    manager.updateState(state)
    const { file, bytes } = await manager.saveCheckpoint(join(folder, 'one.safetensors'), { metricValue: 0.25 })
    manager.updateState({ globalStep: 31 })
    assert.equal(await manager.inspectCheckpoint(file), { file, bytes, state, metric: 0.25 })
    await manager.saveCheckpoint(file, { metricValue: Number.NaN })
    assert.is((await manager.inspectCheckpoint(file)).metric, null)
    await truncate(file, 100)
    await rejectedBy(SafetensorsError, manager.inspectCheckpoint(file))
  })
})

for (const [better, metrics, best, patience] of [
  ['higher', [0.2, 0.5, 0.5, 0.1, Number.NaN, 0.6, 0.3], [0.2, 0.5, 0.6], 1],
  ['lower', [2, 3, 1.5, Infinity, -Infinity, 1.5], [2, 1.5], 3],
] as const) {
  test(`the best are saved as they come, where ${better} is better`, async () => {
    await inTemporaryFolder(async folder => {
      const { manager } = managed(folder, { better })
      const saved: unknown[] = []
      for (const [epoch, metricValue] of metrics.entries()) {
        manager.updateState({ currentEpoch: epoch, globalStep: 10 * epoch })
        const checkpoint = await manager.saveBestCheckpoint({ metricValue })
        if (checkpoint === undefined) continue
        assert.is(checkpoint.file, manager.getCheckpointPath({ epoch, metricValue }))
        const { state, metric } = await manager.inspectCheckpoint(checkpoint.file)
        assert.equal(state, {
          currentEpoch: epoch,
          globalStep: 10 * epoch,
          bestValMetric: metricValue,
          patienceCounter: 0,
        })
        saved.push(metric)
      }
      assert.equal(saved, best)
      assert.is(manager.state.bestValMetric, best.at(-1))
      assert.is(manager.state.patienceCounter, patience)
      const file = await manager.getBestCheckpoint()
      assert.is((await manager.inspectCheckpoint(file ?? '')).metric, best.at(-1))
    })
  })
}

test('the best so far is known again when a checkpoint is loaded', async () => {
  await inTemporaryFolder(async folder => {
    const one = managed(folder)
    await one.manager.saveBestCheckpoint({ epoch: 1, metricValue: 0.5 })
    await one.manager.saveBestCheckpoint({ epoch: 2, metricValue: 0.4 })
    await one.save('later')

    const other = managed(folder)
    await other.manager.loadCheckpoint(join(folder, 'later.safetensors'))
    assert.is(other.manager.state.patienceCounter, 1)
    assert.is(await other.manager.saveBestCheckpoint({ epoch: 3, metricValue: 0.45 }), undefined)
    assert.is(other.manager.state.patienceCounter, 2)
    assert.ok(await other.manager.saveBestCheckpoint({ epoch: 4, metricValue: 0.55 }))
    assert.is(other.manager.state.patienceCounter, 0)
  })
})

test('a best checkpoint that cannot be saved is not remembered as the best', async () => {
  await inTemporaryFolder(async folder => {
    await writeFile(join(folder, 'in-the-way'), '')
    const { manager } = managed(join(folder, 'in-the-way'))
    manager.updateState({ bestValMetric: 0.5, patienceCounter: 2 })
    const before = manager.state
    await rejectedBy(CheckpointError, manager.saveBestCheckpoint({ metricValue: 0.9 }))
    assert.equal(manager.state, before)
  })
})

test('go when enough are later and enough are better, as soon as another is saved', async () => {
  await inTemporaryFolder(async folder => {
    const { manager, files } = managed(folder, { retention: { keepLast: 2, keepBest: 1 } })
    const left: string[][] = []
    for (const [index, metricValue] of [0.3, 0.9, 0.1, 0.2, 0.4].entries()) {
      const { file } = await manager.saveCheckpoint(join(folder, `${index}.safetensors`), { metricValue })
      await utimes(file, index + 1, index + 1)
      left.push(await files())
    }
    assert.equal(left, [['0'], ['0', '1'], ['1', '2'], ['1', '2', '3'], ['1', '3', '4']])
  })
})

test('go by what lies in the folder when it is asked for, damaged files aside', async () => {
  await inTemporaryFolder(async folder => {
    const { save } = managed(folder)
    await save('a', 'b', 'c', 'd')
    await truncate(join(folder, 'c.safetensors'), 100)
    await utimes(join(folder, 'c.safetensors'), 3, 3)
    const { manager, notices, files } = managed(folder, { retention: { keepLast: 2, keepBest: 0 } })
    assert.equal((await manager.applyRetention()).map(named), ['a'])
    assert.equal(await files(), ['b', 'c', 'd'])
    assert.match(notices.join(), /c\.safetensors is passed over/)
  })
})

test('the one just saved stays, though the clock says that others are newer', async () => {
  await inTemporaryFolder(async folder => {
    const { manager, save, files } = managed(folder, { retention: { keepLast: 1, keepBest: 0 } })
    await save('future')
    await utimes(join(folder, 'future.safetensors'), 4e9, 4e9)
    await manager.saveCheckpoint(join(folder, 'now.safetensors'))
    assert.ok((await files()).includes('now'))
  })
})

test('one that cannot be removed is told and kept', async () => {
  await inTemporaryFolder(async folder => {
    const notices: string[] = []
    class Clinging extends CheckpointManager {
      override async deleteCheckpoint(file: string): Promise<void> {
        if (file.includes('a.')) throw new Error('it clings')
        await super.deleteCheckpoint(file)
      }
    }
    const { save } = managed(folder)
    await save('a', 'b', 'c')
    const manager = new Clinging({
      model: new OwnPart({ kernel: [3] }),
      optimizer: new OwnPart({}, { step: 0 }),
      checkpointDir: folder,
      retention: { keepLast: 1, keepBest: 0 },
      onNotice: sentence => notices.push(sentence),
    })
    assert.equal((await manager.applyRetention()).map(named), ['b'])
    assert.equal(notices, [
      `The checkpoint ${join(folder, 'a.safetensors')} is kept, for it cannot be removed: it clings.`,
    ])
  })
})

test.run()
