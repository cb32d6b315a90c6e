import { existsSync } from 'node:fs'
import { appendFile, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { archiveRun } from '../../src/backup/archive-run.ts'
import { backupStore } from '../../src/backup/backup-store.ts'
import { restoreStore } from '../../src/backup/restore-store.ts'
import { Journal } from '../../src/journal/journal.ts'
import { Store } from '../../src/storage/store.ts'
import { forkRun } from '../../src/trainer/fork/fork-run.ts'
import { colourRun } from '../support/colour-run.ts'
import { checksOf } from '../support/repeated-run.ts'
import { finalHash, train } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('forks in backups and archives')

const inherited = 'colours-fork/checkpoints/step-0000012-of-colours.safetensors'

async function trainAndFork(store: string): Promise<void> {
  await train(colourRun(), { store })
  await forkRun(colourRun(), { store, run: 'colours', step: 12, backend: 'wasm' })
}

async function faultsOf(store: string): Promise<string[]> {
  const checks = await checksOf(store, 'colours-fork')
  return checks.flatMap(({ ok, check, message }) => (ok ? [] : [`${check}: ${message}`]))
}

test('one that nobody has trained yet is kept with what it began from, and goes on where it is restored', () =>
  inTemporaryFolder(async folder => {
    const [store, backup, restored] = ['runs', 'backup', 'restored'].map(name => path.join(folder, name)) as [
      string,
      string,
      string,
    ]
    await trainAndFork(store)
    assert.equal((await backupStore(store, backup)).lost, [])
    for (const file of [inherited, 'colours-fork/tokenizer.json']) assert.ok(existsSync(path.join(backup, file)), file)
    await restoreStore(backup, restored)
    assert.equal(await faultsOf(restored), [])
    assert.is(await train(colourRun(), { store: restored, resume: 'colours-fork' }), 'completed')
    assert.is(finalHash(restored, 'colours-fork'), finalHash(store, 'colours'))

    await appendFile(path.join(store, inherited), 'x')
    const { lost } = await backupStore(store, path.join(folder, 'damaged'))
    assert.equal(
      lost.map(({ uri }) => uri),
      [inherited],
    )
  }))

test('whose parent is archived are verified through its files, and one of them that is gone is told', () =>
  inTemporaryFolder(async store => {
    await trainAndFork(store)
    const journal = Journal.open(new Store(store).journalPath)
    for (const run of ['colours', 'colours-fork']) {
      archiveRun(journal, new Store(store), run, { before: Number.MAX_SAFE_INTEGER })
    }
    journal.close()
    assert.equal(await faultsOf(store), [])
    assert.is(await train(colourRun(), { store, resume: 'colours-fork' }), 'completed')
    assert.is(finalHash(store, 'colours-fork'), finalHash(store, 'colours'))
    const archive = path.join(new Store(store).runFolder('colours'), 'archive')
    for (const file of await readdir(archive)) await rm(path.join(archive, file))
    const [fault, ...others] = await faultsOf(store)
    assert.equal(others, [])
    assert.match(fault ?? '', "lineage: the parent's log cannot be read: ")
  }))

test.run()
