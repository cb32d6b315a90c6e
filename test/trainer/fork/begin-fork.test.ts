import { existsSync, readFileSync, statfsSync, writeFileSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inMemorySource } from '../../../src/data/in-memory-source.ts'
import { Journal } from '../../../src/journal/journal.ts'
import { JournalOpenError } from '../../../src/journal/journal-errors.ts'
import { RunLock } from '../../../src/storage/run-lock.ts'
import { Store } from '../../../src/storage/store.ts'
import { ForkError } from '../../../src/trainer/fork/fork-error.ts'
import { type ForkOptions, forkRun } from '../../../src/trainer/fork/fork-run.ts'
import { startChild } from '../../support/child.ts'
import { colourRun, colourSamples } from '../../support/colour-run.ts'
import { canForbidWriting, canMount, onSmallDisk, withReadOnly } from '../../support/disks.ts'
import { rejectedBy } from '../../support/rejected.ts'
import { factsOf, finalHash, reading, train } from '../../support/runs.ts'
import { inTemporaryFolder } from '../../support/temporary-folder.ts'

const test = suite('how a fork begins')

async function fork(store: string, options: Partial<ForkOptions> = {}): Promise<string> {
  const { data } = await forkRun(colourRun(), { store, run: 'colours', step: 12, backend: 'wasm', ...options })
  return data.name
}

/** Every file of a run's folder; its lock aside, which whoever looks for a name leaves there. */
async function filesOf(store: string, run: string): Promise<string[]> {
  const entries = await readdir(new Store(store).runFolder(run), { recursive: true, withFileTypes: true })
  return entries
    .filter(entry => entry.isFile() && !entry.name.startsWith('trainer.lock'))
    .map(({ name }) => name)
    .sort()
}

function runsOf(store: string): number {
  return reading(store, journal => journal.streams('run/').length)
}

test('killed before its run is there it leaves nothing that a fork or a training of its name takes for its own', async () => {
  await inTemporaryFolder(async store => {
    await train(colourRun(), { store })
    const killed = (step: number) =>
      startChild('forking-child.ts', { store, step }, { CHRONOGRAD_FAULT_POINT: 'fork.inherited' }).gone()
    await killed(12)
    assert.equal(await filesOf(store, 'colours-fork'), ['step-0000012-of-colours.safetensors', 'tokenizer.json'])
    assert.is(runsOf(store), 1)
    // Half a checkpoint, of a process that was killed a moment before.
    const half = 'step-0000012-of-colours.safetensors.6f1c9e0a-5b7d-4c3e-9a21-0d4f8b6e2c75.tmp'
    writeFileSync(path.join(new Store(store).checkpointFolder('colours-fork'), half), 'half')

    assert.is(await fork(store, { step: 16, change: settings => ({ ...settings, epochs: 5 }) }), 'colours-fork')
    assert.equal(await filesOf(store, 'colours-fork'), ['step-0000016-of-colours.safetensors', 'tokenizer.json'])
    assert.is(await train(colourRun(), { store, resume: 'colours-fork' }), 'completed')

    const named = { name: 'colours-fork-2', trainData: inMemorySource('named', otherWords()), epochs: 1 }
    await killed(12)
    assert.equal(await filesOf(store, 'colours-fork-2'), ['step-0000012-of-colours.safetensors', 'tokenizer.json'])
    await train(colourRun(named), { store })
    assert.equal(await filesOf(store, 'colours-fork-2'), ['step-0000004.safetensors', 'tokenizer.json'])
    const tokenizer = path.join(new Store(store).runFolder('colours-fork-2'), 'tokenizer.json')
    assert.match(readFileSync(tokenizer, 'utf8'), 'scarlet')
  })
})

function otherWords() {
  return colourSamples.map(sample => ({ ...sample, captions: [`scarlet ${sample.key}`] }))
}

test('of two that are begun at once under one name, each has its own', async () => {
  await inTemporaryFolder(async store => {
    await train(colourRun(), { store })
    const first = new RunLock(new Store(store).runFolder('colours-fork'), 'colours-fork')
    assert.is(await fork(store), 'colours-fork-2')
    first.release()
    assert.is(await fork(store), 'colours-fork')
    assert.is(await fork(store), 'colours-fork-3')
  })
})

const whereMounting = canMount ? test : test.skip
whereMounting('a full disk is told as such, and nothing is left; with room again it begins', () =>
  onSmallDisk(8_192, async store => {
    await train(colourRun(), { store })
    const { bavail, bsize } = statfsSync(store)
    writeFileSync(path.join(store, 'filler'), Buffer.alloc((bavail - 12) * bsize))
    const notices: string[] = []
    const full = fork(store, { onNotice: sentence => notices.push(sentence) })
    const { message } = await rejectedBy(ForkError, full)
    assert.match(
      message,
      /^The fork colours-fork could not be written to .*\(ENOSPC.*\); nothing is left of it: make room/,
    )
    assert.equal(notices, [])
    assert.equal(await filesOf(store, 'colours-fork'), [])
    assert.is(runsOf(store), 1)
    await rm(path.join(store, 'filler'))
    assert.is(await fork(store), 'colours-fork')
    assert.is(await train(colourRun(), { store, resume: 'colours-fork' }), 'completed')
    assert.is(finalHash(store, 'colours-fork'), finalHash(store, 'colours'))
  }),
)

const whereForbidding = canForbidWriting ? test : test.skip
whereForbidding('in a store that cannot be written to it is refused with a sentence', () =>
  inTemporaryFolder(async store => {
    await train(colourRun({ epochs: 1 }), { store })
    // As a process leaves it that reads it, so that it can be read at all.
    const reader = Journal.open(new Store(store).journalPath, { readOnly: true })
    try {
      await withReadOnly(store, () => rejectedBy(JournalOpenError, fork(store, { step: 2 })))
    } finally {
      reader.close()
    }
    assert.not(existsSync(new Store(store).runFolder('colours-fork')))
    assert.is(factsOf(store, 'colours', 'run.completed').length, 1)
  }),
)

test.run()
