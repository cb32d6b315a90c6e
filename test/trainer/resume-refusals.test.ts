import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inMemorySource } from '../../src/data/in-memory-source.ts'
import { ChronogradError } from '../../src/errors/chronograd-error.ts'
import { ConcurrencyError } from '../../src/journal/expected-version.ts'
import { trainTokenizer } from '../../src/learning/tokenizer/train-tokenizer.ts'
import { RunLock, RunLockedError } from '../../src/storage/run-lock.ts'
import { Store } from '../../src/storage/store.ts'
import { CheckpointMismatchError } from '../../src/trainer/checkpoint-errors.ts'
import { DataHandlerError } from '../../src/trainer/data-options.ts'
import { MultimodalTrainer } from '../../src/trainer/multimodal-trainer.ts'
import type { RunDefinition } from '../../src/trainer/run-definition.ts'
import { EnvironmentChangedError, ResumeError } from '../../src/trainer/trainer-errors.ts'
import { colourRun, colourSamples } from '../support/colour-run.ts'
import { rejectedBy } from '../support/rejected.ts'
import { factsOf, train, typesOf } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { thrownBy } from '../support/thrown.ts'

const test = suite('what cannot be resumed')

const definition = colourRun({ epochs: 2 })

/** Calls `use` with a store in which a run was stopped after two steps. */
function withStoppedRun(use: (store: string, run: string) => Promise<void>): Promise<void> {
  return inTemporaryFolder(async store => {
    const trainer = new MultimodalTrainer(definition, { store, backend: 'wasm' })
    trainer.on('step.completed', ({ data }) => {
      if (data.step === 2) trainer.stop()
    })
    assert.is(await trainer.train(), 'interrupted')
    await use(store, trainer.run)
  })
}

test('a run that does not exist', async () => {
  await inTemporaryFolder(store => {
    for (const resume of ['missing', '', '../..']) {
      thrownBy(ResumeError, () => new MultimodalTrainer(definition, { store, backend: 'wasm', resume }))
    }
  })
})

test('a run that is completed or stopped early, of which nothing is changed', async () => {
  await inTemporaryFolder(async store => {
    assert.is(await train(definition, { store }), 'completed')
    const patient = { ...definition, name: 'patient', epochs: 3, earlyStopping: { patience: 1, minimumChange: 1 } }
    assert.is(await train(patient, { store }), 'early-stopped')
    for (const [resume, state] of [
      ['colours', 'completed'],
      ['patient', 'early-stopped'],
    ] as const) {
      const before = typesOf(store, resume)
      const error = thrownBy(ResumeError, () => new MultimodalTrainer(definition, { store, backend: 'wasm', resume }))
      assert.is(
        error.message,
        `The run ${resume} is ${state} after 8 steps, so there is nothing to resume; begin a new run.`,
      )
      assert.equal(typesOf(store, resume), before)
    }
  })
})

test('a run under another backend, unless that is allowed', async () => {
  await withStoppedRun(async (store, resume) => {
    const before = typesOf(store, resume)
    const { message } = await rejectedBy(EnvironmentChangedError, () =>
      train(definition, { store, backend: 'cpu', resume }),
    )
    assert.match(message, 'backend was wasm and is cpu')
    assert.match(message, 'allowDifferentEnvironment')
    assert.equal(typesOf(store, resume), before)

    const stopped = new MultimodalTrainer(definition, {
      store,
      backend: 'cpu',
      resume,
      allowDifferentEnvironment: true,
    })
    stopped.on('step.completed', ({ data }) => {
      if (data.step === 3) stopped.stop()
    })
    assert.is(await stopped.train(), 'interrupted')
    assert.is(factsOf(store, resume, 'run.resumed')[0]?.data.environment.backend.name, 'cpu')

    // From here it is the last attempt's environment that counts.
    await rejectedBy(EnvironmentChangedError, () => train(definition, { store, backend: 'wasm', resume }))
    assert.is(await train(definition, { store, backend: 'cpu', resume }), 'completed')
  })
})

const [sample, ...others] = colourSamples
assert.ok(sample)
const changedData: Readonly<Record<string, RunDefinition>> = {
  'fewer samples': { ...definition, trainData: inMemorySource('colours', others) },
  'another name': { ...definition, trainData: inMemorySource('colors', colourSamples) },
  'a caption changed': {
    ...definition,
    trainData: inMemorySource('colours', [{ ...sample, captions: ['a cherry'] }, ...others]),
  },
  'a picture changed': {
    ...definition,
    trainData: inMemorySource('colours', [{ ...sample, image: others[20]?.image ?? '' }, ...others]),
  },
  'another order': { ...definition, trainData: inMemorySource('colours', [...others, sample]) },
  'other held-out data': { ...definition, valData: inMemorySource('held-out', colourSamples.slice(0, 4)) },
}

test('a run whose data has changed in any way, of which nothing is changed', async () => {
  await withStoppedRun(async (store, resume) => {
    const before = typesOf(store, resume)
    const { valData: _, ...withoutValidation } = definition
    for (const [what, changed] of [...Object.entries(changedData), ['no held-out data', withoutValidation] as const]) {
      const { message } = await rejectedBy(ResumeError, () => train(changed, { store, resume }))
      assert.match(message, 'is not what it was', what)
      assert.equal(typesOf(store, resume), before, what)
    }
    assert.is(await train(definition, { store, resume }), 'completed')
  })
})

test('a run that is being trained', async () => {
  await withStoppedRun(async (store, resume) => {
    const lock = new RunLock(new Store(store).runFolder(resume), resume)
    const before = typesOf(store, resume)
    await rejectedBy(RunLockedError, () => train(definition, { store, resume }))
    assert.equal(typesOf(store, resume), before)
    lock.release()

    const trainer = new MultimodalTrainer(definition, { store, backend: 'wasm', resume })
    const second = new MultimodalTrainer(definition, { store, backend: 'wasm', resume })
    let refused: Promise<RunLockedError> | undefined
    trainer.once('step.completed', () => {
      refused = rejectedBy(RunLockedError, () => second.train())
    })
    assert.is(await trainer.train(), 'completed')
    assert.ok(await refused)
  })
})

test('a run that somebody else has trained on since it was opened', async () => {
  await withStoppedRun(async (store, resume) => {
    const late = new MultimodalTrainer(definition, { store, backend: 'wasm', resume })
    assert.is(await train(definition, { store, resume }), 'completed')
    const before = typesOf(store, resume)
    await rejectedBy(ConcurrencyError, () => late.train())
    assert.equal(typesOf(store, resume), before)
  })
})

test('a run without a step that began in another environment', async () => {
  await inTemporaryFolder(async store => {
    const broken = { ...definition, batchSize: 1_000 }
    await rejectedBy(DataHandlerError, () => train(broken, { store }))
    const before = typesOf(store, 'colours')
    assert.equal(before, ['run.created', 'run.failed'])
    const options = { store, backend: 'cpu', resume: 'colours', allowDifferentEnvironment: true } as const
    await rejectedBy(ResumeError, () => train(broken, options))
    assert.equal(typesOf(store, 'colours'), before)
  })
})

test('a run whose tokenizer is damaged or gone for another', async () => {
  await withStoppedRun(async (store, resume) => {
    const file = join(new Store(store).runFolder(resume), 'tokenizer.json')
    const tokenizer = await readFile(file, 'utf8')
    const before = typesOf(store, resume)
    for (const damaged of ['{', '{}', '']) {
      await writeFile(file, damaged)
      const { message } = await rejectedBy(ChronogradError, () => train(definition, { store, resume }))
      assert.match(message, file)
    }
    await writeFile(file, JSON.stringify(trainTokenizer(['other', 'words'], { vocabularySize: 9 }).toJSON()))
    await rejectedBy(CheckpointMismatchError, () => train(definition, { store, resume }))
    assert.equal(typesOf(store, resume), before)
    await writeFile(file, tokenizer)
    assert.is(await train(definition, { store, resume }), 'completed')
  })
})

test.run()
