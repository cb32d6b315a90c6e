import { appendFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { SafetensorsError } from '../../src/storage/safetensors.ts'
import { CheckpointError, CheckpointMismatchError } from '../../src/trainer/checkpoint-errors.ts'
import { learner, someProgress } from '../support/learner.ts'
import { OwnPart } from '../support/own-part.ts'
import { rejectedBy } from '../support/rejected.ts'
import { readArrays, writeArrays } from '../support/safetensors.ts'
import { assertSame } from '../support/same.ts'
import { arraysOf, type StateArray } from '../support/state.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('loading a checkpoint')

test.before(async () => {
  await prepareBackend('cpu')
})

/** Saves a checkpoint, and writes it again after a change, as another program might. */
async function changedCheckpoint(
  folder: string,
  change: (arrays: StateArray[], metadata: Record<string, string>) => StateArray[],
): Promise<string> {
  const { manager } = learner(folder)
  manager.updateState(someProgress)
  const file = join(folder, 'changed.safetensors')
  await manager.saveCheckpoint(file)
  const { arrays, metadata } = await readArrays(file)
  const changedMetadata = { ...metadata }
  const changed = change(arrays, changedMetadata)
  await writeArrays(file, changed, changedMetadata)
  return file
}

/** Asserts that loading is refused with an error of this kind and changes nothing, and gives the error. */
async function refused<Kind extends Error>(kind: new (...given: never[]) => Kind, folder: string, file: string) {
  const other = learner(folder, { seed: 3 })
  const before = other.state()
  const error = await rejectedBy(kind, other.manager.loadCheckpoint(file))
  assertSame(other.state(), before)
  return error
}

const isScale = ({ name }: StateArray) => name === 'model.logitScale'

test('takes what another program has written, when it fits', async () => {
  await inTemporaryFolder(async folder => {
    const file = await changedCheckpoint(folder, arrays =>
      arrays.map(array => (isScale(array) ? { ...array, values: Float32Array.of(2.5) } : array)).reverse(),
    )
    const { manager, model } = learner(folder, { seed: 3 })
    await manager.loadCheckpoint(file)
    assert.is(model.logitScale.dataSync()[0], 2.5)
  })
})

const mismatches: Readonly<Record<string, { change: (arrays: StateArray[]) => StateArray[]; found: unknown[] }>> = {
  'an array of the model is missing': {
    change: arrays => arrays.filter(array => !isScale(array)),
    found: [['missing', 'model.logitScale']],
  },
  'an array of the model has another shape': {
    change: arrays => arrays.map(array => (isScale(array) ? { ...array, shape: [1] } : array)),
    found: [['shape', 'model.logitScale']],
  },
  'the model has an array too many': {
    change: arrays => [...arrays, { name: 'model.extra', shape: [1], values: new Float32Array(1) }],
    found: [['unexpected', 'model.extra']],
  },
  'an array of the optimizer is missing': {
    change: arrays => arrays.filter(({ name }) => name !== 'optimizer.second.logitScale'),
    found: [['missing', 'optimizer.second.logitScale']],
  },
}

for (const [what, { change, found }] of Object.entries(mismatches)) {
  test(`where ${what}, nothing is changed`, async () => {
    await inTemporaryFolder(async folder => {
      const error = await refused(CheckpointMismatchError, folder, await changedCheckpoint(folder, change))
      assert.equal(
        error.mismatches.map(({ kind, name }) => [kind, name]),
        found,
      )
      assert.not.ok(error.damaged)
    })
  })
}

test('names everything that does not fit in one error', async () => {
  await inTemporaryFolder(async folder => {
    const own = new OwnPart({ a: [2], b: [3], c: [1] }, { count: 1, more: 2 })
    const file = join(folder, 'own.safetensors')
    await learner(folder, { parts: { own } }).manager.saveCheckpoint(file)
    const parts = { own: new OwnPart({ a: [2, 1], b: [3], d: [1] }, { count: 5, less: 3 }) }
    const text = (await readFile(file)).toString('latin1')
    // Half precision of the same length, so that the file is well-formed.
    const changed = text.replace('"own.b":{"dtype":"F32","shape":[3]', '"own.b":{"dtype":"F16","shape":[6]')
    assert.is.not(changed, text)
    await writeFile(file, changed, 'latin1')

    const other = learner(folder, { parts })
    const before = other.state()
    const error = await rejectedBy(CheckpointMismatchError, other.manager.loadCheckpoint(file, { sha256: 'ab' }))
    assert.equal(error.mismatches.map(({ kind, name }) => `${kind} ${name}`).sort(), [
      'checksum file',
      'checksum file',
      'dtype own.b',
      'missing own.d',
      'missing own.less',
      'shape own.a',
      'shape own.b',
      'unexpected own.c',
      'unexpected own.more',
    ])
    assert.ok(error.damaged)
    for (const { description } of error.mismatches) assert.ok(error.message.includes(description), description)
    assert.match(error.message, 'own.a has shape [2] where [2, 1] is wanted')
    assertSame(other.state(), before)
  })
})

test('spells out the first of many mismatches and counts the rest', async () => {
  await inTemporaryFolder(async folder => {
    const error = await refused(CheckpointMismatchError, folder, await changedCheckpoint(folder, () => []))
    const { model, optimizer } = learner(folder, { steps: 0 })
    assert.is(error.mismatches.length, model.slots.length + optimizer.slots.length)
    assert.match(error.message, `; and ${error.mismatches.length - 12} more. Load it with`)
  })
})

test('refuses a checkpoint of another model', async () => {
  await inTemporaryFolder(async folder => {
    const file = join(folder, 'one.safetensors')
    const text = { kind: 'transformer', width: 8, layers: 1, heads: 2 } as const
    await learner(folder, { text }).manager.saveCheckpoint(file)
    assert.not.ok((await refused(CheckpointMismatchError, folder, file)).damaged)
  })
})

const wrongMetadata: Readonly<Record<string, Record<string, string>>> = {
  'another format': { format: 'chronograd-checkpoint-9' },
  'counters that are no numbers': { counters: '{"optimizer.step":"seven"}' },
  'counters beyond counting': { counters: `{"optimizer.step":1e${'9'.repeat(400)}}` },
  'a metric that is text': { metric: '"0.5"' },
  'progress that is not JSON': { state: '{' },
  'progress with a field missing': { state: '{"currentEpoch":1}' },
  'progress that is negative': { state: JSON.stringify({ ...someProgress, globalStep: -1 }) },
  'progress nested deeply': { state: '['.repeat(100_000) },
  'custom state that is not JSON': { custom: '{' },
  'more than there should be': { extra: 'yes' },
}

for (const [what, metadata] of Object.entries(wrongMetadata)) {
  test(`refuses metadata with ${what}`, async () => {
    await inTemporaryFolder(async folder => {
      const file = await changedCheckpoint(folder, (arrays, stored) => {
        Object.assign(stored, metadata)
        return arrays
      })
      await refused(CheckpointError, folder, file)
      await rejectedBy(CheckpointError, learner(folder, { steps: 0 }).manager.inspectCheckpoint(file))
    })
  })
}

test('refuses a file that is not the one in the log, is longer, or is gone, and says so', async () => {
  await inTemporaryFolder(async folder => {
    const { manager, state } = learner(folder)
    const file = join(folder, 'one.safetensors')
    const { sha256 } = await manager.saveCheckpoint(file)
    const before = state()
    const { message } = await rejectedBy(CheckpointMismatchError, manager.loadCheckpoint(file, { sha256: 'ab' }))
    assert.ok(message.includes(sha256) && message.includes('ab') && message.includes('is damaged'))
    await rejectedBy(CheckpointMismatchError, manager.verifyCheckpoint(file, 'ab'))
    await appendFile(file, 'x')
    await rejectedBy(SafetensorsError, manager.loadCheckpoint(file, { sha256 }))
    await rm(file)
    await rejectedBy(SafetensorsError, manager.loadCheckpoint(file))
    assertSame(state(), before)
  })
})

test('refuses a file of which one number has changed, though nobody has told its hash', async () => {
  await inTemporaryFolder(async folder => {
    const { manager } = learner(folder)
    const file = join(folder, 'one.safetensors')
    await manager.saveCheckpoint(file)
    const bytes = await readFile(file)
    bytes.writeFloatLE(bytes.readFloatLE(bytes.length - 36) + 1, bytes.length - 36)
    await writeFile(file, bytes)
    const error = await refused(CheckpointMismatchError, folder, file)
    assert.equal(
      error.mismatches.map(({ kind }) => kind),
      ['checksum'],
    )
    await rejectedBy(CheckpointMismatchError, manager.verifyCheckpoint(file))
    await rejectedBy(CheckpointMismatchError, manager.loadCheckpoint(file, { strict: false }))
  })
})

test('takes what fits where it need not be strict, and tells what it left out', async () => {
  await inTemporaryFolder(async folder => {
    const file = join(folder, 'one.safetensors')
    const own = new OwnPart({ gone: [1] }, { old: 1 })
    const text = { kind: 'bag-of-words' as const, width: 4, hidden: [8] }
    const one = learner(folder, { text, parts: { own } })
    one.manager.updateState(someProgress)
    await one.manager.saveCheckpoint(file)

    const other = learner(folder, { seed: 3, steps: 1, parts: { own: new OwnPart({ kept: [1] }, { kept: 4 }, 6) } })
    const before = new Map(arraysOf(other.model).map(({ name, values }) => [name, values]))
    const { mismatches: found, ...progress } = await other.manager.loadCheckpoint(file, { strict: false })
    assert.equal(progress, someProgress)
    assert.equal(other.manager.state, someProgress)
    assert.is(other.optimizer.step, 2)
    const left = new Set(found.map(({ name }) => name))
    assert.ok(['own.gone', 'own.kept', 'own.old'].every(name => left.has(name)))
    const misfits = arraysOf(one.model).filter(({ name }) => left.has(`model.${name}`))
    assert.ok(misfits.length > 0 && misfits.length < other.model.slots.length / 2)
    const wanted = new Map(arraysOf(one.model).map(({ name, values }) => [name, values]))
    for (const { name, values } of arraysOf(other.model)) {
      assertSame(values, (left.has(`model.${name}`) ? before : wanted).get(name))
    }
  })
})

test('leaves those moments alone that do not fit, though they lie in one vector with others', async () => {
  await inTemporaryFolder(async folder => {
    const file = join(folder, 'one.safetensors')
    const one = learner(folder)
    await one.manager.saveCheckpoint(file)
    const { arrays, metadata } = await readArrays(file)
    const dropped = 'optimizer.first.imageProjection.kernel'
    await writeArrays(
      file,
      arrays.filter(({ name }) => name !== dropped),
      metadata,
    )
    const other = learner(folder, { seed: 3 })
    const before = arraysOf(other.optimizer)
    const { mismatches: found } = await other.manager.loadCheckpoint(file, { strict: false })
    assert.equal(
      found.map(({ name }) => name),
      [dropped],
    )
    for (const [index, array] of arraysOf(one.optimizer).entries()) {
      const wanted = `optimizer.${array.name}` === dropped ? before[index] : array
      assertSame(arraysOf(other.optimizer)[index], wanted)
    }
  })
})

test.run()
