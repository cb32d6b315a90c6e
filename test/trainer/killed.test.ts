import { existsSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Random } from '../../src/random/random.ts'
import { Store } from '../../src/storage/store.ts'
import { startChild } from '../support/child.ts'
import { factsOf } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { assertNothingLeftOver, assertUnharmed } from '../support/unharmed.ts'

const test = suite('a run whose process is killed')

/** Trains in a child process, which is killed as soon as it has told of a fact like this. */
async function killedAt(fact: string, given: { store: string; name: string; resume: boolean }): Promise<void> {
  const child = startChild('training-child.ts', given)
  for await (const line of child.lines) {
    if (line === fact) {
      await child.kill()
      return
    }
  }
  await child.finish()
  assert.unreachable(`${given.name} ended without ${fact}`)
}

test('ends with the same bits, wherever it is killed, and killed again', async () => {
  await inTemporaryFolder(async store => {
    for (const { seed, again } of [
      { seed: 1, again: true },
      { seed: 2, again: false },
    ]) {
      const random = new Random(seed, 'bench')
      const first = 5 + random.integer(4)
      const name = `killed-${seed}`
      await killedAt(`step.completed ${first}`, { store, name, resume: false })
      const second = first + 1 + random.integer(4)
      if (again) await killedAt(`step.completed ${second}`, { store, name, resume: true })
      await assertUnharmed(store, name)
      await assertNothingLeftOver(store, name)
      assert.is(factsOf(store, name, 'run.resumed').length, again ? 2 : 1)
    }
  })
})

test('ends with the same bits when it is killed before its first checkpoint', async () => {
  await inTemporaryFolder(async store => {
    await killedAt('step.completed 2', { store, name: 'early', resume: false })
    await assertUnharmed(store, 'early')
    await assertNothingLeftOver(store, 'early')
    assert.is(factsOf(store, 'early', 'run.resumed')[0]?.data.checkpoint, null)
  })
})

test('ends with the same bits when it is killed while it writes a checkpoint, of which nothing is left', async () => {
  await inTemporaryFolder(async store => {
    await startChild('training-child.ts', {
      store,
      name: 'writing',
      resume: false,
      dieAt: 'checkpoint.captured 8',
    }).gone()
    assert.is(factsOf(store, 'writing').at(-1)?.type, 'checkpoint.captured')
    // As it is when the process dies a moment later.
    const folder = new Store(store).checkpointFolder('writing')
    await writeFile(join(folder, 'step-0000008.safetensors'), 'whole, and not in the log')
    await writeFile(join(folder, 'step-0000008.safetensors.6f1c9e0a-5b7d-4c3e-9a21-0d4f8b6e2c75.tmp'), 'half')
    await assertUnharmed(store, 'writing')
    await assertNothingLeftOver(store, 'writing')
    assert.is(factsOf(store, 'writing', 'run.resumed')[0]?.data.step, 4)
  })
})

test('leaves no file behind when it is killed between the fact that a checkpoint is deleted and its removal', async () => {
  await inTemporaryFolder(async store => {
    await startChild('training-child.ts', {
      store,
      name: 'deleting',
      resume: false,
      dieAt: 'checkpoint.deleted 4',
    }).gone()
    const file = join(new Store(store).checkpointFolder('deleting'), 'step-0000004.safetensors')
    assert.ok(existsSync(file))
    await assertUnharmed(store, 'deleting')
    await assertNothingLeftOver(store, 'deleting')
    assert.not(existsSync(file))
  })
})

test('leaves no half-written tokenizer behind', async () => {
  await inTemporaryFolder(async store => {
    await startChild('training-child.ts', { store, name: 'tokens', resume: false, dieAt: 'run.created ' }).gone()
    // As it is when the process dies a moment later.
    const folder = new Store(store).runFolder('tokens')
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'tokenizer.json.6f1c9e0a-5b7d-4c3e-9a21-0d4f8b6e2c75.tmp'), '{"words":')
    await assertUnharmed(store, 'tokens')
    assert.equal((await readdir(folder)).sort(), ['checkpoints', 'tokenizer.json', 'trainer.lock'])
  })
})

test.run()
