import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { trainerMachine } from '../../machines/trainer.ts'
import { inMemorySource } from '../../src/data/in-memory-source.ts'
import type { Sample } from '../../src/data/source.ts'
import { runStream } from '../../src/storage/store.ts'
import { DataHandlerError } from '../../src/trainer/data-options.ts'
import { MultimodalTrainer } from '../../src/trainer/multimodal-trainer.ts'
import type { RunDefinition } from '../../src/trainer/run-definition.ts'
import { colourRun, colourSamples } from '../support/colour-run.ts'
import { rejectedBy } from '../support/rejected.ts'
import { factsOf, finalHash, reading, train, typesOf } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('data that is not as it should be')

const broken: Sample = { key: 'broken', image: Buffer.from('\x89PNG\r\n no picture'), captions: ['a broken square'] }
const missing: Sample = { key: 'missing', image: '/nowhere/missing.png', captions: ['a missing square'] }

function runOver(samples: readonly Sample[], changes: Partial<RunDefinition> = {}): RunDefinition {
  return colourRun({ epochs: 2, trainData: inMemorySource('colours', samples), ...changes })
}

test('a broken and a missing picture are told and left out, and training goes on, also in later attempts', async () => {
  await inTemporaryFolder(async store => {
    const definition = runOver([broken, ...colourSamples, missing], { maximumBadShare: 0.1 })
    const trainer = new MultimodalTrainer(definition, { store, backend: 'wasm' })
    trainer.on('step.completed', ({ data }) => {
      if (data.step === 2) trainer.stop()
    })
    assert.is(await trainer.train(), 'interrupted')
    const second = new MultimodalTrainer(definition, { store, backend: 'wasm', resume: trainer.run })
    second.on('step.completed', ({ data }) => {
      if (data.step === 3) second.stop()
    })
    assert.is(await second.train(), 'interrupted')
    assert.is(await train(definition, { store, resume: trainer.run }), 'completed')

    const skipped = factsOf(store, trainer.run, 'sample.skipped')
    assert.equal(
      skipped.map(({ data }) => [data.source, data.key]),
      [
        ['colours', 'broken'],
        ['colours', 'missing'],
      ],
    )
    for (const { data } of skipped) assert.match(data.reason, /\S/)
    const [started] = factsOf(store, trainer.run, 'run.started')
    assert.is(started?.data.data.train.samples, colourSamples.length)
    assert.is(started?.data.data.train.skipped, 2)
    reading(store, journal => {
      assert.equal(journal.fold(runStream(trainer.run), trainerMachine).refused, [])
    })
  })
})

test('too many broken pictures end the run with a sentence, and it is started when they are mended', async () => {
  await inTemporaryFolder(async folder => {
    const store = join(folder, 'runs')
    const pictures = join(folder, 'pictures')
    await mkdir(pictures)
    const files = Array.from({ length: 4 }, (_, index) => join(pictures, `${index}.svg`))
    const samples = [
      ...colourSamples,
      ...files.map((image, index) => ({ key: `file-${index}`, image, captions: ['a square'] })),
    ]
    const definition = runOver(samples, { maximumBadShare: 0.1 })
    const { message } = await rejectedBy(DataHandlerError, () => train(definition, { store }))
    assert.match(message, '4 of the 28 samples of colours cannot be used')
    const failed = ['run.created', ...Array(4).fill('sample.skipped'), 'run.failed']
    assert.equal(typesOf(store, 'colours'), failed)
    assert.is(factsOf(store, 'colours', 'run.failed')[0]?.data.error.message, message)

    // Still broken: it fails again, and tells nothing twice but that.
    await rejectedBy(DataHandlerError, () => train(definition, { store, resume: 'colours' }))
    assert.equal(typesOf(store, 'colours'), [...failed, 'run.failed'])

    const square = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8"/></svg>'
    for (const file of files.slice(1)) await writeFile(file, square)
    assert.is(await train(definition, { store, resume: 'colours' }), 'completed')
    assert.is(factsOf(store, 'colours', 'run.started')[0]?.data.data.train.skipped, 1)
    assert.equal(factsOf(store, 'colours', 'run.resumed'), [])

    await train({ ...definition, name: 'mended' }, { store })
    assert.is(finalHash(store, 'colours', 8), finalHash(store, 'mended', 8))
    await rm(pictures, { recursive: true })
  })
})

test('fewer samples than a batch end the run with a sentence', async () => {
  await inTemporaryFolder(async store => {
    const definition = runOver(colourSamples.slice(0, 5))
    const { message } = await rejectedBy(DataHandlerError, () => train(definition, { store }))
    assert.is(message, 'Source colours has 5 usable samples, fewer than a batch of 6; lower batchSize.')
    assert.equal(typesOf(store, 'colours'), ['run.created', 'run.failed'])
  })
})

test('held-out data without a usable sample ends the run with a sentence', async () => {
  await inTemporaryFolder(async store => {
    const definition = runOver(colourSamples, { valData: inMemorySource('empty', []) })
    const { message } = await rejectedBy(DataHandlerError, () => train(definition, { store }))
    assert.match(message, 'Source empty has no usable sample')
  })
})

test('a source that throws ends the run with what it threw', async () => {
  await inTemporaryFolder(async store => {
    const thrown = new Error('the disk is gone')
    const source = inMemorySource('colours', colourSamples)
    const trainData = {
      ...source,
      sample(index: number): Sample {
        if (index === 7) throw thrown
        return source.sample(index)
      },
    }
    const error = await rejectedBy(Error, () => train(colourRun({ trainData }), { store }))
    assert.is(error, thrown)
    const failed = factsOf(store, 'colours', 'run.failed')[0]?.data.error
    assert.is(failed?.message, 'the disk is gone')
    assert.match(failed?.stack ?? '', 'bad-data.test.ts')
  })
})

test.run()
