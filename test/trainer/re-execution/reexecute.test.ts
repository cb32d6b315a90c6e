import { createHash } from 'node:crypto'
import { appendFile, readdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { BackendName } from '../../../src/backends/backend.ts'
import { prepareBackend } from '../../../src/backends/prepare-backend.ts'
import { isSetUp } from '../../../src/backends/tensorflow/installation.ts'
import { inMemorySource } from '../../../src/data/in-memory-source.ts'
import { createDualEncoder, type DualEncoder } from '../../../src/learning/dual-encoder.ts'
import { dualEncoderConfig } from '../../../src/learning/dual-encoder-config.ts'
import { trainTokenizer } from '../../../src/learning/tokenizer/train-tokenizer.ts'
import { Evaluation } from '../../../src/trainer/evaluation.ts'
import { MultimodalTrainer } from '../../../src/trainer/multimodal-trainer.ts'
import { ReexecutionError } from '../../../src/trainer/re-execution/re-execution-error.ts'
import type { ReexecutionProgress } from '../../../src/trainer/re-execution/re-execution-options.ts'
import { type ReexecutionReport, reexecute } from '../../../src/trainer/re-execution/reexecute.ts'
import type { RunDefinition } from '../../../src/trainer/run-definition.ts'
import { ResumeError } from '../../../src/trainer/trainer-errors.ts'
import { colourRun, colourSamples } from '../../support/colour-run.ts'
import { forge } from '../../support/forge.ts'
import { rejectedBy } from '../../support/rejected.ts'
import { trainRepeatedly } from '../../support/repeated-run.ts'
import { factsOf, train, trainUntil } from '../../support/runs.ts'
import { inTemporaryFolder } from '../../support/temporary-folder.ts'

const test = suite('doing a training again')

const sameBits = { ok: true, differing: 0, firstDifference: null, expected: [] }

/** What was compared and what came of it, without where. */
function outcome({ from: _, to: __, steps: ___, ...rest }: ReexecutionReport) {
  return rest
}

/** Every file of a folder with its bytes' hash; what SQLite keeps beside an open database comes and goes. */
async function contentsOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => entry.isFile() && !/-(shm|wal)$/.test(entry.name))
  const hashes = files.map(async ({ parentPath, name }) => {
    const file = path.join(parentPath, name)
    return [
      path.relative(folder, file),
      createHash('sha256')
        .update(await readFile(file))
        .digest('hex'),
    ] as const
  })
  return Object.fromEntries(await Promise.all(hashes))
}

test('on wasm, a run of three attempts comes out bit by bit, and its store is left as it is', () => again('wasm'))

const onTensorflow = () => again('tensorflow')
if (isSetUp()) test('on tensorflow, a run of three attempts comes out bit by bit', onTensorflow)
else test.skip('on tensorflow, a run of three attempts: it is not set up on this machine', onTensorflow)

async function again(name: BackendName): Promise<void> {
  const backend = await prepareBackend(name)
  await inTemporaryFolder(async store => {
    const definition = colourRun({ observe: { gradients: { steps: 3 }, parameters: { steps: 4 } } })
    const run =
      name === 'wasm'
        ? await trainRepeatedly(definition, store)
        : await trainUntil(6, definition, { store, backend }).then(async run => {
            await train(definition, { store, backend, resume: run })
            return run
          })
    const before = await contentsOf(store)
    const { numTensors } = tf.memory()
    const progress: ReexecutionProgress[] = []
    const report = await reexecute(definition, { store, run, onProgress: each => progress.push(each) })
    const saved = factsOf(store, run, 'checkpoint.saved').map(({ data }) => data.step)
    assert.equal(report, {
      ...{ from: 1, to: 16, steps: 16, evaluations: 4, observations: 9 },
      // Those of superseded steps are not done again.
      checkpoints: name === 'wasm' ? new Set(saved.filter(step => step % 4 === 0)).size : saved.length,
      ...sameBits,
    })
    assert.equal(
      progress,
      Array.from({ length: 16 }, (_, index) => ({ step: index + 1, from: 1, to: 16 })),
    )
    assert.equal(await contentsOf(store), before)
    assert.is(tf.memory().numTensors, numTensors)
  })
}

const remembering: Readonly<Record<string, Partial<RunDefinition>>> = {
  'a plateau schedule': { schedule: { kind: 'plateau', patience: 2, minimumChange: 10, factor: 0.5, warmUpShare: 0 } },
  'a sigmoid loss, micro-batches, groups, frozen parts and averaged weights': {
    loss: { kind: 'sigmoid' },
    microBatchSize: 4,
    optimizer: { groups: [{ parameters: ['image'], learningRateFactor: 0.5 }], clipNorm: null },
    freeze: ['text.embedding'],
    averaging: { decay: 0.9 },
    schedule: { kind: 'warm-restarts', cycles: 2 },
  },
  'streamed data': { trainData: inMemorySource('colours', colourSamples), streaming: { buffer: 7 } },
  'early stopping that brings back the best weights': {
    epochs: 8,
    earlyStopping: { patience: 2, minimumChange: 1 },
    checkpoints: { keepLast: 3, keepBest: 1 },
  },
}

for (const [name, changes] of Object.entries(remembering)) {
  test(`with ${name}, it comes out bit by bit, from the beginning and from a checkpoint`, async () => {
    await inTemporaryFolder(async store => {
      const definition = colourRun(changes)
      const run = await trainUntil(6, definition, { store })
      await train(definition, { store, resume: run })
      const steps = Math.max(...factsOf(store, run, 'step.completed').map(({ data }) => data.step))
      const whole = await reexecute(definition, { store, run })
      assert.equal([whole.from, whole.to, whole.steps], [1, steps, steps])
      assert.equal(outcome({ ...whole, evaluations: 0, observations: 0, checkpoints: 0 }), {
        ...{ evaluations: 0, observations: 0, checkpoints: 0 },
        ...sameBits,
      })
      assert.is(whole.evaluations, steps / 4)
      const end = await reexecute(definition, { store, run, from: steps - 1 })
      assert.ok(end.from > 4 && end.ok && end.steps === steps - end.from + 1, JSON.stringify(end))
    })
  })
}

test('steps that were skipped are skipped again', async () => {
  await inTemporaryFolder(async store => {
    const definition = colourRun({
      optimizer: { learningRate: 1e30 },
      schedule: { warmUpShare: 0 },
      maximumSkippedInARow: 30,
    })
    await train(definition, { store })
    assert.ok(factsOf(store, 'colours', 'step.skipped').length > 8)
    const report = await reexecute(definition, { store, run: 'colours' })
    assert.equal([report.ok, report.steps, report.evaluations], [true, 16, 4], JSON.stringify(report.firstDifference))
  })
})

test('what a person asked for is done again: evaluations within an epoch, checkpoints by hand', async () => {
  await inTemporaryFolder(async store => {
    const trainer = new MultimodalTrainer(colourRun({ epochs: 2 }), { store, backend: 'wasm' })
    trainer.on('step.completed', ({ data }) => {
      if (data.step === 3) trainer.evaluate()
      if (data.step === 3 || data.step === 6) trainer.save()
    })
    await trainer.train()
    trainer.close()
    const asked = factsOf(store, 'colours', 'evaluation.completed', 'checkpoint.captured')
    assert.equal(
      asked.filter(({ data }) => data.reason === 'requested' || data.reason === 'manual').map(({ data }) => data.step),
      [3, 3, 6],
    )
    const report = await reexecute(colourRun(), { store, run: 'colours' })
    assert.equal([report.ok, report.evaluations, report.checkpoints], [true, 3, 4])
  })
})

test('an evaluation that an attempt failed in, and the next one began with, is done again', async () => {
  await inTemporaryFolder(async store => {
    let evaluations = 0
    class Fragile extends Evaluation {
      override run() {
        evaluations++
        if (evaluations === 2) throw new Error('no more memory')
        return super.run()
      }
    }
    const definition = colourRun({ epochs: 2, parts: { evaluation: options => new Fragile(options) } })
    await rejectedBy(Error, train(definition, { store }))
    assert.is(factsOf(store, 'colours', 'checkpoint.captured').at(-1)?.data.reason, 'emergency')
    assert.is(await train(definition, { store, resume: 'colours' }), 'completed')
    const report = await reexecute(definition, { store, run: 'colours' })
    assert.equal([report.ok, report.steps, report.evaluations, report.checkpoints], [true, 8, 2, 2])
  })
})

test('a model that is handed in is trained again from what it was', async () => {
  await inTemporaryFolder(async store => {
    await prepareBackend('wasm')
    const { model: config, ...rest } = colourRun({ epochs: 2 })
    const tokenizer = trainTokenizer(
      colourSamples.flatMap(({ captions }) => captions),
      { vocabularySize: 8_000 },
    )
    const { vocabularySize } = tokenizer
    const definition = (): RunDefinition & { readonly model: DualEncoder } => {
      const shape = { seed: 5, vocabularySize, tokenLength: 4, imageSize: 8 }
      return { ...rest, tokenizer, model: createDualEncoder(dualEncoderConfig.parse(config), shape) }
    }
    const trained = definition()
    const run = await trainUntil(3, trained, { store })
    await train(trained, { store, resume: run })
    const report = await reexecute(definition(), { store, run })
    assert.equal([report.ok, report.steps], [true, 8])
    // The one that was trained is no longer what the run began with.
    const { message } = await rejectedBy(ResumeError, reexecute(trained, { store, run }))
    assert.match(message, 'its weights before the first step are others')
    assert.ok((await reexecute(trained, { store, run, from: 5 })).ok, 'a checkpoint replaces them')
  })
})

test('follows the epochs of each attempt', async () => {
  await inTemporaryFolder(async store => {
    const definition = colourRun({ epochs: 2 })
    const run = await trainUntil(3, definition, { store })
    const longer = new MultimodalTrainer(definition, { store, resume: run, backend: 'wasm' })
    await longer.train({ epochs: 3 })
    longer.close()
    const report = await reexecute(definition, { store, run })
    assert.equal([report.ok, report.from, report.to], [true, 1, 12])
  })
})

test('begins at the nearest checkpoint that is whole, and says which it passed over', async () => {
  await inTemporaryFolder(async store => {
    const definition = colourRun({ checkpoints: { every: { epochs: 1 }, keepLast: 4, keepBest: 0 } })
    await train(definition, { store })
    const [first, second] = factsOf(store, 'colours', 'checkpoint.saved').map(({ data }) => path.join(store, data.uri))
    const from = async (step: number, steps: number) => {
      const notices: string[] = []
      const onNotice = (sentence: string) => notices.push(sentence)
      const report = await reexecute(definition, { store, run: 'colours', from: step, steps, onNotice })
      assert.ok(report.ok)
      return [report.from, report.to, ...notices.map(notice => /checkpoint (\S+) is passed over/.exec(notice)?.[1])]
    }
    assert.equal(await from(9, 3), [9, 11])
    assert.equal(await from(10, 100), [9, 16])
    await appendFile(second ?? '', 'x')
    assert.equal(await from(9, 1), [5, 9, 'step-0000008'])
    await rm(first ?? '')
    assert.equal(await from(9, 1), [1, 9, 'step-0000008', 'step-0000004'])
  })
})

test('names the first thing that was forged, with both values, though the hash chain is whole', async () => {
  const forgeries = {
    loss: { type: 'step.completed', step: 7 },
    'metrics.textToImageMeanRank': { type: 'evaluation.completed', step: 8 },
    sha256: { type: 'checkpoint.saved', step: 12 },
    'layers.2.mean': { type: 'parameters.observed', step: 10 },
  } as const
  await inTemporaryFolder(async store => {
    const definition = colourRun({ observe: { gradients: null, parameters: { steps: 10 } } })
    for (const [field, { type, step }] of Object.entries(forgeries)) {
      await train({ ...definition, name: type }, { store })
      let real: unknown
      await forge(store, type, ({ type: found, data }) => {
        if (found !== type || data.step !== step) return
        const keys = field.split('.')
        const holder = keys.slice(0, -1).reduce((inner, key) => inner[key], data)
        real = holder[keys.at(-1) ?? '']
        holder[keys.at(-1) ?? ''] = typeof real === 'number' ? real + 1e-7 : 'forged'
      })
      const { ok, firstDifference, steps, differing } = await reexecute(definition, { store, run: type })
      assert.equal([ok, differing, steps], [false, 1, step], type)
      const { version: _, ...found } = firstDifference ?? {}
      const logged = typeof real === 'number' ? real + 1e-7 : 'forged'
      assert.equal(found, { step, type, field, logged, computed: real })
    }
  })
})

test('a forged plan and forged settings are found', async () => {
  await inTemporaryFolder(async store => {
    await train(colourRun({ epochs: 2, name: 'plan' }), { store })
    await forge(store, 'plan', ({ type, data }) => {
      if (type === 'run.started') data.plan.evaluateEvery = 2
    })
    const { firstDifference } = await reexecute(colourRun(), { store, run: 'plan' })
    assert.equal([firstDifference?.type, firstDifference?.field], ['run.started', 'plan.evaluateEvery'])
    await train(colourRun({ epochs: 2, name: 'settings' }), { store })
    await forge(store, 'settings', ({ type, data }) => {
      if (type === 'run.created') data.config.optimizer.weightDecay = 0.5
    })
    const found = await reexecute(colourRun(), { store, run: 'settings' })
    assert.equal([found.ok, found.firstDifference?.type], [false, 'step.completed'])
  })
})

test('elsewhere it is refused with what differs, or differences are expected where the bits are others', async () => {
  await inTemporaryFolder(async store => {
    const definition = colourRun({ checkpoints: { every: { epochs: 1 }, keepLast: 4 } })
    const run = await trainUntil(6, definition, { store })
    await train(definition, { store, resume: run, backend: 'cpu', allowDifferentEnvironment: true })
    const { message } = await rejectedBy(ReexecutionError, reexecute(definition, { store, run }))
    assert.match(message, /of attempt 2, backend was cpu and is wasm/)
    assert.match(message, '--allow-different-environment')
    assert.ok((await reexecute(definition, { store, run, steps: 6 })).ok, 'the first attempt alone needs no permission')
    assert.ok((await reexecute(definition, { store, run, from: 7 })).ok, 'nor does the second, on its own backend')

    const report = await reexecute(definition, { store, run, backend: 'cpu', allowDifferentEnvironment: true })
    assert.equal([report.ok, report.from, report.to], [true, 1, 16])
    assert.ok(report.differing > 0)
    assert.match(report.expected.join(), 'backend was wasm and is cpu')
    // From the second attempt's checkpoint on, it is on the backend of the log, and exact.
    assert.ok((report.firstDifference?.step ?? 7) <= 6)
    const kept = factsOf(store, run, 'step.completed').filter(({ data }) => data.step > 6)
    assert.ok(report.differing <= 6 + 1 + 2 + 1, `${report.differing} of the first attempt; ${kept.length} came after`)
  })
})

test('what cannot be done again is refused', async () => {
  await inTemporaryFolder(async store => {
    await train(colourRun({ epochs: 1 }), { store })
    const refused = async (options: object, definition = colourRun()) =>
      (await rejectedBy(ReexecutionError, reexecute(definition, { store, run: 'colours', ...options }))).message
    assert.match(await refused({ from: 5 }), 'has the steps 1 to 4, so step 5 cannot be done again')
    assert.match(await refused({ from: 0 }), 'step 0')
    await rejectedBy(ResumeError, reexecute(colourRun(), { store, run: 'another' }))
    const otherData = colourRun({ trainData: inMemorySource('colours', colourSamples.slice(1)) })
    const { message } = await rejectedBy(ResumeError, reexecute(otherData, { store, run: 'colours' }))
    assert.match(message, 'The data of colours is not what it was')
  })
})

test.run()
