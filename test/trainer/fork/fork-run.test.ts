import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../../src/backends/prepare-backend.ts'
import { isSetUp } from '../../../src/backends/tensorflow/installation.ts'
import { inMemorySource } from '../../../src/data/in-memory-source.ts'
import { Journal } from '../../../src/journal/journal.ts'
import { Store } from '../../../src/storage/store.ts'
import { standardSubscribers } from '../../../src/subscribers/standard-subscribers.ts'
import { ForkError } from '../../../src/trainer/fork/fork-error.ts'
import { type ForkOptions, forkRun } from '../../../src/trainer/fork/fork-run.ts'
import { InvalidSettingsError } from '../../../src/trainer/run-settings.ts'
import { EnvironmentChangedError, ResumeError } from '../../../src/trainer/trainer-errors.ts'
import { verifyRun } from '../../../src/verification/verify-run.ts'
import { colourRun, colourSamples } from '../../support/colour-run.ts'
import { rejectedBy } from '../../support/rejected.ts'
import { factsOf, finalHash, train, trainUntil } from '../../support/runs.ts'
import { inTemporaryFolder } from '../../support/temporary-folder.ts'
import { undisturbedRun } from '../../support/undisturbed-run.ts'

const test = suite('forking a run')

/** A run that keeps in mind as much as a run can. */
const definition = colourRun({
  schedule: { kind: 'plateau', patience: 1, warmUpShare: 0 },
  averaging: { decay: 0.9 },
  earlyStopping: { patience: 9 },
})

async function fork(store: string, options: Omit<ForkOptions, 'store'>, of = definition): Promise<string> {
  const { data } = await forkRun(of, { store, backend: 'wasm', ...options })
  return data.name
}

function lossesOf(store: string, run: string, after = 0): number[] {
  return factsOf(store, run, 'step.completed').flatMap(({ data: { step, loss } }) => (step > after ? [loss] : []))
}

async function faultsOf(folder: string, run: string): Promise<string[]> {
  const store = new Store(folder)
  const journal = Journal.open(store.journalPath, { readOnly: true })
  try {
    const faults: string[] = []
    for await (const { ok, check, subject, message } of verifyRun(journal, store, run, standardSubscribers)) {
      if (!ok) faults.push(`${check} ${subject}: ${message}`)
    }
    return faults
  } finally {
    journal.close()
  }
}

test('with nothing changed, trains the same steps to the same bits, from a checkpoint or between two', async () => {
  await inTemporaryFolder(async store => {
    await train(definition, { store })
    for (const [step, name] of [
      [12, 'colours-fork'],
      [6, 'colours-fork-2'],
    ] as const) {
      const notices: string[] = []
      assert.is(await fork(store, { run: 'colours', step, onNotice: sentence => notices.push(sentence) }), name)
      assert.is(notices.length, step === 12 ? 0 : 1)
      const { parent } = factsOf(store, name, 'run.created')[0]?.data ?? {}
      assert.equal([parent?.run, parent?.step, parent?.progress.step], ['colours', step, step])
      assert.is(await train(definition, { store, resume: name }), 'completed')
      assert.equal(lossesOf(store, name), lossesOf(store, 'colours', step))
      assert.is(finalHash(store, name), finalHash(store, 'colours'))
      assert.equal(await faultsOf(store, name), [])
    }
  })
})

test("with something changed, goes its own way from there, by the settings of its parent's log", async () => {
  await inTemporaryFolder(async store => {
    await train(definition, { store })
    const today = { ...definition, optimizer: { learningRate: 9 } }
    const name = await fork(
      store,
      {
        run: 'colours',
        step: 8,
        change: settings => ({
          ...settings,
          name: 'slow',
          seed: 5,
          epochs: 3,
          optimizer: { ...settings.optimizer, learningRate: 1e-5 },
        }),
      },
      today,
    )
    assert.is(name, 'slow')
    assert.is(await train(today, { store, resume: name }), 'completed')
    const steps = factsOf(store, name, 'step.completed')
    assert.equal(
      steps.map(({ data }) => data.step),
      [9, 10, 11, 12],
    )
    assert.ok(steps.every(({ data }) => data.learningRate <= 1e-5))
    assert.is.not(steps[0]?.data.loss, lossesOf(store, 'colours', 8)[0])
  })
})

test('a fork is stopped, resumed, killed before its first step and forked like any other run', async () => {
  await inTemporaryFolder(async store => {
    await train(definition, { store })
    const first = await fork(store, { run: 'colours', step: 5 })
    await trainUntil(7, definition, { store, resume: first })
    assert.is(await train(definition, { store, resume: first }), 'completed')
    assert.is(finalHash(store, first), finalHash(store, 'colours'))
    const second = await fork(store, { run: first, step: 10 })
    assert.is(second, 'colours-fork-fork')
    assert.is(await train(definition, { store, resume: second }), 'completed')
    assert.is(finalHash(store, second), finalHash(store, 'colours'))
    assert.equal(await faultsOf(store, second), [])
    // What it began from is kept, however many checkpoints of its own follow.
    assert.ok((await readdir(new Store(store).checkpointFolder(first))).includes('step-0000005-of-colours.safetensors'))
  })
})

test('a fork none of whose checkpoints is whole does not begin from the first step', async () => {
  await inTemporaryFolder(async store => {
    await train(definition, { store })
    const name = await fork(store, { run: 'colours', step: 12 })
    await rm(path.join(new Store(store).checkpointFolder(name), 'step-0000012-of-colours.safetensors'))
    const { message } = await rejectedBy(ResumeError, train(definition, { store, resume: name }))
    assert.match(message, 'fork colours at step 12 again')
    assert.equal(lossesOf(store, name), [])
  })
})

test('what cannot be is refused before anything is written', async () => {
  await inTemporaryFolder(async store => {
    await rejectedBy(ForkError, fork(path.join(store, 'none'), { run: 'colours', step: 4 }))
    assert.not(existsSync(path.join(store, 'none')))
    await train(colourRun(), { store })
    const refused = async (said: string, options: Partial<ForkOptions>, of = colourRun()) => {
      const { message } = await rejectedBy(ForkError, fork(store, { run: 'colours', step: 12, ...options }, of))
      assert.match(message, said)
      assert.equal(
        (await readdir(store)).filter(name => name.startsWith('colours')),
        ['colours'],
        said,
      )
    }
    await refused('has the steps 1 to 16, so it cannot be forked at 17', { step: 17 })
    await refused('cannot be forked at 0', { step: 0 })
    await refused('cannot be forked at 2.5', { step: 2.5 })
    await refused('cannot change batchSize from 6 to 5', { change: settings => ({ ...settings, batchSize: 5 }) })
    await refused('cannot change evaluation.metric', {
      change: settings => ({ ...settings, evaluation: { ...settings.evaluation, metric: 'loss' } }),
    })
    await refused('would have nothing to train', { change: settings => ({ ...settings, epochs: 3 }) })
    await refused('does not fit', { change: settings => ({ ...settings, averaging: { decay: 0.9 } }) })
    await refused(
      'The data makes 2 steps an epoch',
      {},
      colourRun({ trainData: inMemorySource('colours', colourSamples.slice(0, 12)) }),
    )
    await rejectedBy(ResumeError, fork(store, { run: 'colour', step: 12 }))
    await rejectedBy(InvalidSettingsError, fork(store, { run: 'colours', step: 12, change: () => ({ epochs: 0 }) }))
    await rm(path.join(store, 'colours', 'tokenizer.json'))
    await refused('The tokenizer of the run is not at', {})
  })
})

test('where patience is spent it is refused, unless there is more of it', async () => {
  await inTemporaryFolder(async store => {
    // None of its evaluations is better than the first.
    const stopped = colourRun({ earlyStopping: { patience: 1, minimumChange: 9 } })
    assert.is(await train(stopped, { store }), 'early-stopped')
    const { message } = await rejectedBy(ForkError, fork(store, { run: 'colours', step: 8 }, stopped))
    assert.match(message, 'would be stopped early before its first step: 1 evaluations in a row')
    const name = await fork(
      store,
      { run: 'colours', step: 8, change: settings => ({ ...settings, earlyStopping: { patience: 2 } }) },
      stopped,
    )
    assert.ok(factsOf(store, name, 'run.created')[0]?.data.parent)
  })
})

test('where bits come out otherwise it is refused, unless that is allowed', async () => {
  if (!isSetUp()) return
  await inTemporaryFolder(async store => {
    await train(colourRun(), { store })
    const untrained = await fork(store, { run: 'colours', step: 12 }, colourRun())
    const backend = await prepareBackend('tensorflow')
    const elsewhere = { run: 'colours', step: 12, backend }
    await rejectedBy(EnvironmentChangedError, forkRun(colourRun(), { store, ...elsewhere }))
    const moved = { store, resume: untrained, backend, allowDifferentEnvironment: true }
    const { message } = await rejectedBy(ResumeError, train(colourRun(), moved))
    assert.match(message, 'Make another fork here.')
    const { data } = await forkRun(colourRun(), { store, ...elsewhere, allowDifferentEnvironment: true })
    assert.is(await train(colourRun(), { store, resume: data.name, backend }), 'completed')
    assert.is.not(finalHash(store, data.name), (await undisturbedRun()).hash)
    await prepareBackend('wasm')
  })
})

test.run()
