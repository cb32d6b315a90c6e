import { readFile, writeFile } from 'node:fs/promises'
import * as tf from '@tensorflow/tfjs-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { Evaluation, type EvaluationResult } from '../../src/trainer/evaluation.ts'
import { loadModel } from '../../src/trainer/load-model.ts'
import { modelFingerprint } from '../../src/trainer/model-fingerprint.ts'
import { MultimodalTrainer } from '../../src/trainer/multimodal-trainer.ts'
import { NotReadyError } from '../../src/trainer/trainer-errors.ts'
import { TrainingLoop, type TrainingLoopOptions } from '../../src/trainer/training-loop.ts'
import { colourRun } from '../support/colour-run.ts'
import { rejectedBy } from '../support/rejected.ts'
import { factsOf, finalHash, train } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { thrownBy } from '../support/thrown.ts'

const test = suite('the end of training')

/** Measures what it is told to, one value after the other. */
class Scripted extends Evaluation {
  readonly #values: number[]

  constructor(options: ConstructorParameters<typeof Evaluation>[0], values: readonly number[]) {
    super(options)
    this.#values = [...values]
  }

  override async run(): Promise<EvaluationResult> {
    const value = this.#values.shift()
    if (value === undefined) throw new Error('nothing left to measure')
    const result = await super.run()
    return { ...result, metrics: { ...result.metrics, textToImageRecallAt1: value } }
  }
}

/** A run whose evaluations, one an epoch, measure these values. */
function scriptedRun(values: readonly number[], changes: Parameters<typeof colourRun>[0] = {}) {
  return colourRun({ epochs: 8, parts: { evaluation: options => new Scripted(options, values) }, ...changes })
}

test('early stopping takes back the weights of the best checkpoint', async () => {
  await prepareBackend('wasm')
  await inTemporaryFolder(async store => {
    const definition = scriptedRun([0.2, 0.6, 0.5, 0.4], { earlyStopping: { patience: 2 } })
    const trainer = new MultimodalTrainer(definition, { store, backend: 'wasm' })
    assert.is(await trainer.train(), 'early-stopped')
    assert.is(factsOf(store, 'colours', 'run.early-stopped')[0]?.data.reason, 'patience')
    const [restored] = factsOf(store, 'colours', 'weights.restored')
    assert.equal(restored?.data, { checkpoint: 'step-0000008', step: 16 })
    const best = await loadModel('colours', { store, checkpoint: 'step-0000008' })
    const last = await loadModel('colours', { store, checkpoint: 'step-0000016' })
    assert.is(modelFingerprint(trainer.model).sha256, modelFingerprint(best.model).sha256)
    assert.is.not(modelFingerprint(trainer.model).sha256, modelFingerprint(last.model).sha256)
    for (const { model } of [trainer, best, last]) model.dispose()
  })
})

test('a run whose last evaluation is its best keeps its weights, and says nothing', async () => {
  await inTemporaryFolder(async store => {
    await train(scriptedRun([0.2, 0.6], { epochs: 2, earlyStopping: {} }), { store })
    assert.equal(factsOf(store, 'colours', 'weights.restored'), [])
  })
})

test('{ restoreBest: false } leaves the weights of the last step', async () => {
  await inTemporaryFolder(async store => {
    await train(scriptedRun([0.6, 0.2], { epochs: 2, earlyStopping: { restoreBest: false } }), { store })
    assert.equal(factsOf(store, 'colours', 'weights.restored'), [])
  })
})

test('a damaged best checkpoint is said and ends nothing', async () => {
  await inTemporaryFolder(async store => {
    const notices: string[] = []
    const definition = scriptedRun([0.6, 0.2], { epochs: 2, earlyStopping: {} })
    const trainer = new MultimodalTrainer(definition, {
      store,
      backend: 'wasm',
      onNotice: sentence => notices.push(sentence),
    })
    trainer.once('checkpoint.saved', async ({ data }) => {
      const file = `${store}/${data.uri}`
      const bytes = await readFile(file)
      bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1
      await writeFile(file, bytes)
    })
    assert.is(await trainer.train(), 'completed')
    trainer.close()
    assert.equal(factsOf(store, 'colours', 'weights.restored'), [])
    assert.match(notices.join('\n'), /keeps the weights of its last step, for the best ones are lost/)
  })
})

test('an evaluation beyond the divergence threshold ends the run at once', async () => {
  await inTemporaryFolder(async store => {
    const definition = scriptedRun([0.6, 0.05], { earlyStopping: { patience: 5, divergence: 0.1 } })
    assert.is(await train(definition, { store }), 'early-stopped')
    const [stopped] = factsOf(store, 'colours', 'run.early-stopped')
    assert.is(stopped?.data.reason, 'divergence')
    assert.is(stopped?.data.step, 8)
  })
})

test('an evaluation that throws leaves an emergency checkpoint, from which the run goes on', async () => {
  await inTemporaryFolder(async store => {
    const broken = scriptedRun([0.6], { checkpoints: { every: null, keepBest: 0 } })
    const error = await rejectedBy(Error, () => train(broken, { store }))
    assert.is(error.message, 'nothing left to measure')
    assert.equal(
      factsOf(store, 'colours', 'checkpoint.captured').map(({ data: { step, reason } }) => [step, reason]),
      [[8, 'emergency']],
    )
    assert.is(factsOf(store, 'colours', 'checkpoint.saved').length, 1)
    assert.is(factsOf(store, 'colours', 'run.failed')[0]?.data.error.message, 'nothing left to measure')

    const mended = colourRun({ epochs: 8, checkpoints: { every: null, keepBest: 0 } })
    assert.is(await train(mended, { store, resume: 'colours' }), 'completed')
    assert.is(factsOf(store, 'colours', 'run.resumed')[0]?.data.step, 8)
    assert.is(await train({ ...mended, name: 'undisturbed' }, { store }), 'completed')
    const loaded = [await loadModel('colours', { store }), await loadModel('undisturbed', { store })]
    const [went, undisturbed] = loaded.map(({ model }) => modelFingerprint(model).sha256)
    assert.is(went, undisturbed, 'to the same bits as a run that nothing happened to')
    for (const { model } of loaded) model.dispose()
  })
})

/** Throws instead of doing its seventh step, or, torn, when it has moved the weights by it. */
class BreakingLoop extends TrainingLoop {
  readonly #torn: boolean

  constructor(options: TrainingLoopOptions, torn: boolean) {
    super(options)
    this.#torn = torn
  }

  override async step(...given: Parameters<TrainingLoop['step']>) {
    const breaks = given[0].step === 6
    if (breaks && !this.#torn) throw new Error('broken before the update')
    const facts = await super.step(...given)
    if (breaks) throw new Error('broken in the update')
    return facts
  }
}

function breakingRun(torn: boolean) {
  return colourRun({
    checkpoints: { every: null, keepBest: 0 },
    parts: { trainingLoop: options => new BreakingLoop(options, torn) },
  })
}

test('a loop that throws leaves an emergency checkpoint of its last step, from which the run goes on', async () => {
  await inTemporaryFolder(async store => {
    const error = await rejectedBy(Error, train(breakingRun(false), { store }))
    assert.is(error.message, 'broken before the update')
    const captured = factsOf(store, 'colours', 'checkpoint.captured').map(({ data: { step, reason } }) => [
      step,
      reason,
    ])
    assert.equal(captured, [[6, 'emergency']])
    const mended = colourRun({ checkpoints: { every: null, keepBest: 0 } })
    assert.is(await train(mended, { store, resume: 'colours' }), 'completed')
    assert.is(factsOf(store, 'colours', 'run.resumed')[0]?.data.step, 6)
    assert.is(await train({ ...mended, name: 'undisturbed' }, { store }), 'completed')
    assert.is(finalHash(store, 'colours', 16), finalHash(store, 'undisturbed', 16))
  })
})

test('what an update tore is not saved, and that is said', async () => {
  await inTemporaryFolder(async store => {
    const notices: string[] = []
    const error = await rejectedBy(
      Error,
      train(breakingRun(true), { store, onNotice: sentence => notices.push(sentence) }),
    )
    assert.is(error.message, 'broken in the update')
    assert.equal(factsOf(store, 'colours', 'checkpoint.captured'), [])
    assert.is(factsOf(store, 'colours', 'run.failed')[0]?.data.step, 6)
    assert.match(notices.join('\n'), /came in the middle of an update, so no checkpoint was made of what it left/)
  })
})

test('the parts are there from run.started until close', async () => {
  await inTemporaryFolder(async store => {
    const before = tf.memory().numTensors
    const trainer = new MultimodalTrainer(colourRun({ epochs: 1 }), { store, backend: 'wasm' })
    const error = thrownBy(NotReadyError, () => trainer.model)
    assert.match(error.message, /has no model now: it is made when train\(\) has its data ready/)
    let there = 0
    trainer.on('run.started', () => {
      there = trainer.model.parameters.length
    })
    await trainer.train()
    assert.ok(there > 0)
    const file = `${store}/by-hand.safetensors`
    await trainer.checkpoints.saveCheckpoint(file)
    assert.is((await trainer.checkpoints.loadCheckpoint(file)).globalStep, 4)
    assert.is(trainer.optimizer.step, 4)
    trainer.close()
    thrownBy(NotReadyError, () => trainer.checkpoints)
    assert.is(tf.memory().numTensors, before)
  })
})

test.run()
