import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import type { Stateful } from '../../src/learning/stateful.ts'
import { CheckpointError, CheckpointMismatchError } from '../../src/trainer/checkpoint-errors.ts'
import { CheckpointManager, type SavedCheckpoint } from '../../src/trainer/checkpoint-manager.ts'
import type { CustomState, Json } from '../../src/trainer/custom-state.ts'
import { learner } from '../support/learner.ts'
import { OwnPart } from '../support/own-part.ts'
import { rejectedBy } from '../support/rejected.ts'
import { assertSame } from '../support/same.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite("a checkpoint's custom state")

test.before(async () => {
  await prepareBackend('cpu')
})

/** Custom state that is a value, and what it was given to load. */
function kept(value: Json, refuse = false): CustomState & { value: Json; loaded: Json[] } {
  return {
    value,
    loaded: [],
    save() {
      return this.value
    },
    load(state) {
      this.loaded.push(state)
      this.value = state
      if (refuse && this.loaded.length === 1) throw new Error('not this one')
    },
  }
}

test('is whatever JSON can say', async () => {
  await inTemporaryFolder(async folder => {
    const file = join(folder, 'one.safetensors')
    for (const value of [
      null,
      0,
      '',
      'ü "\\\n',
      true,
      [],
      [1, [2, { a: null }]],
      { a: { b: ['c'] } },
    ] satisfies Json[]) {
      await learner(folder, { steps: 0, customState: kept(value) }).manager.saveCheckpoint(file)
      const other = kept('before')
      await learner(folder, { steps: 0, customState: other }).manager.loadCheckpoint(file)
      assertSame(other.value, value)
    }
  })
})

test('is refused where JSON cannot say it, rather than changed', async () => {
  await inTemporaryFolder(async folder => {
    for (const value of [Number.NaN, { a: [Infinity] }, undefined, { at: new Date(0) }, 1n, new Map()]) {
      const { manager } = learner(folder, { steps: 0, customState: kept(value as unknown as Json) })
      const { message } = await rejectedBy(CheckpointError, manager.saveCheckpoint(join(folder, 'one.safetensors')))
      assert.match(message, 'cannot be told in JSON')
    }
    assert.equal(await learner(folder, { steps: 0 }).manager.listCheckpoints(), [])
  })
})

test('that is missing or belongs to nobody is a mismatch', async () => {
  await inTemporaryFolder(async folder => {
    const [withState, without] = [join(folder, 'with.safetensors'), join(folder, 'without.safetensors')]
    const state = kept({ seen: 3 })
    const keeper = learner(folder, { steps: 0, customState: state }).manager
    const plain = learner(folder, { steps: 0 }).manager
    await keeper.saveCheckpoint(withState)
    await plain.saveCheckpoint(without)
    for (const [manager, file, kind] of [
      [plain, withState, 'unexpected'],
      [keeper, without, 'missing'],
    ] as const) {
      const error = await rejectedBy(CheckpointMismatchError, manager.loadCheckpoint(file))
      assert.equal(
        error.mismatches.map(mismatch => [mismatch.kind, mismatch.name]),
        [[kind, 'custom']],
      )
      const { mismatches } = await manager.loadCheckpoint(file, { strict: false })
      assert.equal(mismatches, error.mismatches)
    }
    assert.equal(state.loaded, [])
  })
})

test('that cannot be taken leaves everything as it was', async () => {
  await inTemporaryFolder(async folder => {
    const file = join(folder, 'one.safetensors')
    await learner(folder, { customState: kept('theirs') }).manager.saveCheckpoint(file)
    const state = kept('ours', true)
    const other = learner(folder, { seed: 3, customState: state })
    const before = other.state()
    assert.match((await rejectedBy(Error, other.manager.loadCheckpoint(file))).message, 'not this one')
    assertSame(other.state(), before)
    assert.equal(state.loaded, ['theirs', 'ours'])
  })
})

test('counters that a part refuses leave everything as it was', async () => {
  await inTemporaryFolder(async folder => {
    const file = join(folder, 'one.safetensors')
    const partOf = (value: number, limit: number): Stateful => ({
      slots: [],
      counters: () => ({ value }),
      restoreCounters: counters => {
        if ((counters.value ?? 0) > limit) throw new RangeError('too many')
        value = counters.value ?? 0
      },
    })
    const theirs = learner(folder, { parts: { own: partOf(9, 10) }, customState: kept('theirs') })
    await theirs.manager.saveCheckpoint(file)
    const own = partOf(2, 5)
    const customState = kept('ours')
    const other = learner(folder, { seed: 3, parts: { own }, customState })
    const before = other.state()
    await rejectedBy(RangeError, other.manager.loadCheckpoint(file))
    assertSame(other.state(), before)
    assert.equal(own.counters(), { value: 2 })
    assert.equal(customState.loaded, ['theirs', 'ours'])
  })
})

/** As a person would write it: words beside the model, and a list of what was saved. */
class WordKeeper extends CheckpointManager {
  words: string[] = []
  readonly saved: string[] = []

  override async saveCheckpoint(file: string, options: { metricValue?: number } = {}): Promise<SavedCheckpoint> {
    const checkpoint = await super.saveCheckpoint(file, options)
    this.saved.push(checkpoint.file)
    return checkpoint
  }

  protected override saveCustomState(): Json {
    return { words: this.words }
  }

  protected override loadCustomState(state: Json): void {
    this.words = (state as { words: string[] }).words
  }
}

test('may be kept by a subclass, whose saving is used for the best too', async () => {
  await inTemporaryFolder(async checkpointDir => {
    const model = new OwnPart({ kernel: [2] })
    const optimizer = new OwnPart({})
    const one = new WordKeeper({ model, optimizer, checkpointDir })
    one.words.push('cat', 'dog')
    await one.saveBestCheckpoint({ metricValue: 0.5 })
    assert.is(one.saved.length, 1)
    const other = new WordKeeper({ model, optimizer, checkpointDir })
    await other.loadCheckpoint(one.saved[0] ?? '')
    assert.equal(other.words, ['cat', 'dog'])
  })
})

test.run()
