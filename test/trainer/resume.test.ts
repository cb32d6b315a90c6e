import { appendFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Backend, BackendName } from '../../src/backends/backend.ts'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { isSetUp } from '../../src/backends/tensorflow/installation.ts'
import { MetricsCollector } from '../../src/metrics/metrics-collector.ts'
import { runStream, Store } from '../../src/storage/store.ts'
import { JournalHome } from '../../src/subscribers/journal-home.ts'
import { MultimodalTrainer } from '../../src/trainer/multimodal-trainer.ts'
import { colourRun } from '../support/colour-run.ts'
import { factsOf, finalHash, reading, train, trainUntil } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { type UndisturbedRun, undisturbedRun } from '../support/undisturbed-run.ts'

const test = suite('resuming a run')

test('on wasm, a run that was stopped twice ends with the same bits as one that was not', () => stopTwice('wasm'))

const onTensorflow = () => stopTwice('tensorflow')
if (isSetUp()) test('on tensorflow, a run that was stopped twice ends with the same bits', onTensorflow)
else test.skip('on tensorflow, a run that was stopped twice: it is not set up on this machine', onTensorflow)

async function stopTwice(name: BackendName): Promise<void> {
  const backend = await prepareBackend(name)
  await inTemporaryFolder(async store => {
    const definition = colourRun()
    const undisturbed = name === 'wasm' ? await undisturbedRun() : await trainedOn(backend, store)
    const options = { store, backend }
    const run = await trainUntil(6, { ...definition, name: 'stopped' }, options)
    // Once within an epoch, and once at the end of one.
    await trainUntil(12, definition, { ...options, resume: run })
    assert.is(await train(definition, { ...options, resume: run }), 'completed')
    assert.is(finalHash(store, 'stopped'), undisturbed.hash)
    assert.equal(lossesOf(store, 'stopped'), undisturbed.losses)
    assert.equal(
      factsOf(store, run, 'run.resumed').map(({ data, meta }) => [data.attempt, meta.attempt, data.step]),
      [
        [2, 2, 6],
        [3, 3, 12],
      ],
    )
  })
}

async function trainedOn(backend: Backend, store: string): Promise<UndisturbedRun> {
  await train(colourRun(), { store, backend })
  return { hash: finalHash(store, 'colours'), losses: lossesOf(store, 'colours') }
}

function lossesOf(store: string, run: string): number[] {
  return factsOf(store, run, 'step.completed').map(({ data }) => data.loss)
}

test('with early stopping goes on counting where it was', async () => {
  await inTemporaryFolder(async store => {
    const definition = colourRun({
      epochs: 10,
      evaluation: { metric: 'textToImageRecallAt1' },
      earlyStopping: { patience: 3, minimumChange: 1 },
    })
    assert.is(await train(definition, { store }), 'early-stopped')
    const run = await trainUntil(10, { ...definition, name: 'stopped' }, { store })
    assert.is(await train(definition, { store, resume: run }), 'early-stopped')
    assert.equal(endOf(store, 'stopped'), endOf(store, 'colours'))
    assert.is(finalHash(store, 'stopped'), finalHash(store, 'colours'))
  })
})

function endOf(store: string, run: string) {
  return factsOf(store, run, 'run.early-stopped')[0]?.data
}

test('with the newest checkpoints damaged goes on from the one before, and says so', async () => {
  await inTemporaryFolder(async store => {
    const definition = colourRun({ checkpoints: { every: { epochs: 1 }, keepLast: 3 } })
    const run = await trainUntil(10, definition, { store })
    const [first, second, third] = factsOf(store, run, 'checkpoint.saved').map(({ data }) => data)
    assert.equal([first?.step, second?.step, third?.step], [4, 8, 10])
    await rm(join(store, third?.uri ?? ''))
    await appendFile(join(store, second?.uri ?? ''), 'x')
    const notices: string[] = []
    const ended = await train(definition, { store, resume: run, onNotice: sentence => notices.push(sentence) })
    assert.is(ended, 'completed')
    assert.is(notices.length, 3)
    assert.is(notices[2], `Training goes on from ${first?.checkpoint}, the newest that is whole.`)
    assert.match(notices[0] ?? '', third?.checkpoint ?? '')
    assert.match(notices[1] ?? '', second?.checkpoint ?? '')
    const [resumed] = factsOf(store, run, 'run.resumed')
    assert.equal([resumed?.data.step, resumed?.data.checkpoint], [4, first?.checkpoint])
    assert.is(finalHash(store, run), (await undisturbedRun()).hash)
  })
})

test('with no checkpoint whole begins again, and says so', async () => {
  await inTemporaryFolder(async store => {
    const definition = colourRun()
    const run = await trainUntil(3, definition, { store })
    const [saved] = factsOf(store, run, 'checkpoint.saved')
    await writeFile(join(store, saved?.data.uri ?? ''), 'no checkpoint')
    const notices: string[] = []
    await train(definition, { store, resume: run, onNotice: sentence => notices.push(sentence) })
    assert.match(notices.at(-1) ?? '', 'begins again from the first step')
    assert.equal(factsOf(store, run, 'run.resumed')[0]?.data.checkpoint, null)
    assert.is(finalHash(store, run), (await undisturbedRun()).hash)
  })
})

test('a damaged checkpoint never outlives a good one', async () => {
  await inTemporaryFolder(async store => {
    const definition = colourRun({ checkpoints: { every: { steps: 2 }, keepLast: 2, keepBest: 0 } })
    const run = await trainUntil(6, definition, { store })
    const newest = factsOf(store, run, 'checkpoint.saved').at(-1)
    await writeFile(join(store, newest?.data.uri ?? ''), 'no checkpoint')
    // From step 4; the checkpoint of step 6 is made again, and the damaged one does not count among the two to keep.
    await trainUntil(7, definition, { store, resume: run })
    const notices: string[] = []
    assert.is(
      await train(definition, { store, resume: run, onNotice: sentence => notices.push(sentence) }),
      'completed',
    )
    assert.equal(notices, [])
    assert.equal(
      factsOf(store, run, 'run.resumed').map(({ data }) => data.step),
      [4, 7],
    )
  })
})

test('goes on with the epochs of the attempt before unless it is told others', async () => {
  await inTemporaryFolder(async store => {
    const definition = colourRun({ epochs: 2 })
    const stopAt = (step: number, trainer: MultimodalTrainer) =>
      trainer.on('step.completed', ({ data }) => {
        if (data.step === step) trainer.stop()
      })
    const run = await trainUntil(3, definition, { store })
    await stopAt(5, new MultimodalTrainer(definition, { store, backend: 'wasm', resume: run })).train({ epochs: 3 })
    const last = new MultimodalTrainer(definition, { store, backend: 'wasm', resume: run })
    assert.is(last.settings.epochs, 3)
    assert.is(await last.train(), 'completed')
    assert.is(factsOf(store, run, 'run.completed')[0]?.data.step, 12)
  })
})

test('shows each step once in the metrics, and a checkpoint of each attempt in the checkpoints', async () => {
  await inTemporaryFolder(async store => {
    const definition = colourRun({ epochs: 2 })
    const run = await trainUntil(6, definition, { store })
    const [, second] = factsOf(store, run, 'checkpoint.saved')
    await writeFile(join(store, second?.data.uri ?? ''), 'no checkpoint')
    await train(definition, { store, resume: run })
    const logged = factsOf(store, run, 'step.completed').map(({ data }) => data.step)
    assert.equal(logged, [1, 2, 3, 4, 5, 6, 5, 6, 7, 8])
    reading(store, journal => {
      const metrics = new MetricsCollector(new JournalHome(journal, runStream(run)))
      assert.equal([...metrics.getMetric('train_loss').steps], [1, 2, 3, 4, 5, 6, 7, 8])
      assert.equal([...metrics.getMetric('validation_loss').steps], [4, 8])
      const checkpoints = journal.query(database =>
        database.prepare('SELECT checkpoint, status FROM checkpoints ORDER BY captured_at').raw().all(),
      )
      assert.equal(checkpoints, [
        ['step-0000004', 'saved'],
        ['step-0000006', 'saved'],
        ['step-0000008-attempt-2', 'saved'],
      ])
    })
    assert.is(new Store(store).resolve(second?.data.uri ?? ''), join(store, second?.data.uri ?? ''))
  })
})

test.run()
