import * as tf from '@tensorflow/tfjs-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { AdamW, adamwConfig } from '../../src/learning/adamw.ts'
import { createDualEncoder, type DualEncoder } from '../../src/learning/dual-encoder.ts'
import { dualEncoderConfig } from '../../src/learning/dual-encoder-config.ts'
import { FlatLayout } from '../../src/learning/flat-layout.ts'
import type { Optimizer } from '../../src/learning/optimizer.ts'
import { Tokenizer } from '../../src/learning/tokenizer/tokenizer.ts'
import { trainTokenizer } from '../../src/learning/tokenizer/train-tokenizer.ts'
import { CheckpointManager } from '../../src/trainer/checkpoint-manager.ts'
import { DataHandler } from '../../src/trainer/data-handler.ts'
import { forkRun } from '../../src/trainer/fork/fork-run.ts'
import { loadModel } from '../../src/trainer/load-model.ts'
import { modelFingerprint } from '../../src/trainer/model-fingerprint.ts'
import { MultimodalTrainer } from '../../src/trainer/multimodal-trainer.ts'
import type { RunDefinition } from '../../src/trainer/run-definition.ts'
import { HandedInError, ResumeError } from '../../src/trainer/trainer-errors.ts'
import { TrainingLoop } from '../../src/trainer/training-loop.ts'
import { colourRun, colourSamples } from '../support/colour-run.ts'
import { rejectedBy } from '../support/rejected.ts'
import { factsOf, finalHash, train } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('parts that are handed in')

const { model: config, ...rest } = colourRun({ epochs: 2 })
const tokenizer = Tokenizer.fromJSON(
  trainTokenizer(
    colourSamples.flatMap(({ captions }) => captions),
    { vocabularySize: 8_000 },
  ).toJSON(),
)

function newModel(seed = 1, dimension = 8): DualEncoder {
  return createDualEncoder(
    { ...dualEncoderConfig.parse(config), dimension },
    {
      seed,
      vocabularySize: tokenizer.vocabularySize,
      tokenLength: 4,
      imageSize: 8,
    },
  )
}

/** The run of `colourRun` with its model handed in as an object. */
function runOf(model: DualEncoder, changes: Partial<RunDefinition> = {}): RunDefinition {
  return { ...rest, tokenizer, model, ...changes }
}

test("a model and an optimizer that are handed in are trained, and stay their owner's", async () => {
  await prepareBackend('wasm')
  await inTemporaryFolder(async folder => {
    const model = newModel()
    const optimizer = new AdamW(model.parameters, adamwConfig.parse({ learningRate: 2e-3 }))
    const before = modelFingerprint(model)
    const tensors = tf.memory().numTensors
    const checkpointDir = `${folder}/checkpoints`
    const trainer = new MultimodalTrainer({ ...runOf(model, { optimizer }), checkpointDir }, { backend: 'wasm' })
    assert.is(await trainer.train({ epochs: 2 }), 'completed')
    assert.is(trainer.model, model)
    trainer.close()
    assert.is(tf.memory().numTensors, tensors, 'neither is let go of, and nothing else is left')
    assert.is(optimizer.step, 8)
    assert.is.not(modelFingerprint(model).sha256, before.sha256)
    assert.equal(factsOf(checkpointDir, 'colours', 'run.started')[0]?.data.model, before)
    const rates = factsOf(checkpointDir, 'colours', 'step.completed').map(({ data }) => data.learningRate)
    assert.is(Math.max(...rates), 2e-3, 'the optimizer brings its learning rate')
    model.dispose()
    optimizer.dispose()
  })
})

/** Moves every weight against its gradient, and that is all. */
class PlainDescent implements Optimizer {
  readonly config = { learningRate: 0.5, clipNorm: null }
  readonly slots = []
  readonly layout: FlatLayout
  step = 0

  constructor(model: DualEncoder) {
    this.layout = new FlatLayout(model.parameters)
  }

  apply(gradient: tf.Tensor1D, learningRate: number): void {
    this.step += 1
    tf.tidy(() => {
      const pieces = this.layout.split(tf.mul(gradient, learningRate))
      for (const [index, { parameter }] of this.layout.slots.entries()) {
        parameter.variable.assign(tf.sub(parameter.variable, pieces[index] as tf.Tensor))
      }
    })
  }

  counters = () => ({ step: this.step })

  restoreCounters({ step = 0 }: Readonly<Record<string, number>>): void {
    this.step = step
  }

  dispose(): void {}
}

test('an optimizer of another kind trains, and a stopped run goes on with it to the same bits', async () => {
  await inTemporaryFolder(async store => {
    const [halved, whole, resumed] = [newModel(), newModel(), newModel()] as const
    const trainer = new MultimodalTrainer(runOf(halved, { optimizer: new PlainDescent(halved) }), {
      store,
      backend: 'wasm',
    })
    trainer.on('step.completed', ({ data }) => {
      if (data.step === 5) trainer.stop()
    })
    assert.is(await trainer.train(), 'interrupted')
    assert.is(factsOf(store, 'colours', 'step.completed')[4]?.data.learningRate, 0.5 * share(5))
    const error = await rejectedBy(HandedInError, train(runOf(resumed), { store, resume: 'colours' }))
    assert.match(error.message, /an optimizer that was handed in as an object/)
    await train(runOf(resumed, { optimizer: new PlainDescent(resumed) }), { store, resume: 'colours' })
    await train(runOf(whole, { name: 'whole', optimizer: new PlainDescent(whole) }), { store })
    assert.is(modelFingerprint(resumed).sha256, modelFingerprint(whole).sha256)
    for (const model of [halved, whole, resumed]) model.dispose()
  })
})

/** The cosine schedule's share of the highest learning rate, after a warm-up of one step of eight. */
function share(step: number): number {
  return 0.5 * (1 + Math.cos((Math.PI * (step - 2)) / 7))
}

test('the same model as settings and as an object learns the same bits', async () => {
  await inTemporaryFolder(async store => {
    const model = newModel()
    await train(runOf(model), { store })
    const trainer = new MultimodalTrainer(colourRun({ epochs: 2, name: 'settings' }), { store, backend: 'wasm' })
    await trainer.train()
    assert.is(modelFingerprint(trainer.model).sha256, modelFingerprint(model).sha256)
    trainer.close()
    model.dispose()
  })
})

test('a run whose model was handed in goes on when it is handed in again', async () => {
  await inTemporaryFolder(async store => {
    const models = [newModel(), newModel(2), newModel()] as const
    const [first, otherWeights, whole] = models
    const trainer = new MultimodalTrainer(runOf(first), { store, backend: 'wasm' })
    trainer.on('step.completed', ({ data }) => {
      if (data.step === 5) trainer.stop()
    })
    assert.is(await trainer.train(), 'interrupted')

    await rejectedBy(HandedInError, train({ ...rest, tokenizer }, { store, resume: 'colours' }))
    // From a checkpoint the weights that it had at first do not matter.
    assert.is(await train(runOf(otherWeights), { store, resume: 'colours' }), 'completed')
    await train(runOf(whole, { name: 'whole' }), { store })
    assert.is(modelFingerprint(otherWeights).sha256, modelFingerprint(whole).sha256)
    for (const model of models) model.dispose()
  })
})

test('the weights of a run whose model was handed in are loaded into a model like it', async () => {
  await inTemporaryFolder(async store => {
    const [model, taker] = [newModel(), newModel(2)]
    await train(runOf(model), { store })
    await rejectedBy(HandedInError, loadModel('colours', { store }))
    const loaded = await loadModel('colours', { store, model: taker, checkpoint: 'step-0000008' })
    assert.is(loaded.model, taker)
    assert.is(modelFingerprint(taker).sha256, modelFingerprint(model).sha256)
    const wider = newModel(1, 16)
    const before = modelFingerprint(wider)
    const error = await rejectedBy(HandedInError, loadModel('colours', { store, model: wider }))
    assert.match(error.message, /not like that of colours: its arrays have other names or shapes/)
    assert.equal(modelFingerprint(wider), before, 'it is as it was')
    for (const each of [model, taker, wider]) each.dispose()
  })
})

test('another model, or other weights where no checkpoint replaces them, are refused', async () => {
  await inTemporaryFolder(async store => {
    const model = newModel()
    const failing = runOf(model, {
      parts: { trainingLoop: options => new Broken(options) },
    })
    assert.is((await rejectedBy(Error, train(failing, { store }))).message, 'broken')
    const others = newModel(2)
    const error = await rejectedBy(ResumeError, train(runOf(others), { store, resume: 'colours' }))
    assert.match(error.message, /its weights before the first step are others/)
    const wider = newModel(1, 16)
    const shape = await rejectedBy(ResumeError, train(runOf(wider), { store, resume: 'colours' }))
    assert.match(shape.message, /its arrays are others \(\d+ numbers then, \d+ now\)/)
    assert.is(factsOf(store, 'colours', 'run.resumed').length, 0)
    for (const each of [model, others, wider]) each.dispose()
  })
})

class Broken extends TrainingLoop {
  override async step(): Promise<never> {
    throw new Error('broken')
  }
}

test('what does not belong together is refused before the first step', async () => {
  await inTemporaryFolder(async store => {
    const [model, other] = [newModel(), newModel()]
    const optimizer = new AdamW(other.parameters, adamwConfig.parse({}))
    const strangers = await rejectedBy(HandedInError, train(runOf(model, { optimizer }), { store }))
    assert.match(strangers.message, /which is not of the model that was handed in; make it from model\.parameters/)
    const alone = await rejectedBy(HandedInError, train({ ...colourRun(), optimizer }, { store }))
    assert.match(alone.message, /handed in without its model/)
    const { tokenizer: _, ...withoutTokenizer } = runOf(model)
    const speechless = await rejectedBy(HandedInError, train(withoutTokenizer, { store }))
    assert.match(speechless.message, /the tokenizer that it was made for/)
    optimizer.dispose()
    for (const each of [model, other]) each.dispose()
  })
})

test('every part can be replaced', async () => {
  const made: string[] = []
  class MyData extends DataHandler {}
  class MyLoop extends TrainingLoop {}
  class MyCheckpoints extends CheckpointManager {}
  await inTemporaryFolder(async store => {
    const definition = colourRun({
      epochs: 1,
      parts: {
        dataHandler(options) {
          made.push(`data of ${options.source.name}`)
          return new MyData(options)
        },
        trainingLoop(options) {
          made.push('loop')
          return new MyLoop(options)
        },
        // Not even a subclass is asked for: whatever measures will do.
        evaluation: () => ({
          run: async () => ({ metrics: { loss: 1, beauty: 2 }, samples: [], pictureSamples: [], examples: 4 }),
        }),
        checkpointManager(options) {
          made.push('checkpoints')
          return new MyCheckpoints(options)
        },
      },
    })
    const trainer = new MultimodalTrainer(definition, { store, backend: 'wasm' })
    assert.is(await trainer.train(), 'completed')
    assert.instance(trainer.checkpoints, MyCheckpoints)
    assert.equal(factsOf(store, 'colours', 'evaluation.completed')[0]?.data.metrics, { loss: 1, beauty: 2 })
    trainer.close()
    assert.equal(made.sort(), ['checkpoints', 'data of colours', 'data of held-out', 'loop'])
  })
})

test('a run whose model was handed in is forked with one like it, which has the state then', async () => {
  await prepareBackend('wasm')
  await inTemporaryFolder(async store => {
    const models = [newModel(), newModel(), newModel()]
    const [first, atCheckpoint, between] = models.map(model => runOf(model)) as [
      RunDefinition,
      RunDefinition,
      RunDefinition,
    ]
    await train(first, { store })
    for (const [definition, step] of [
      [atCheckpoint, 4],
      [between, 6],
    ] as const) {
      const { data } = await forkRun(definition, { store, run: 'colours', step, backend: 'wasm' })
      assert.is(await train(definition, { store, resume: data.name }), 'completed')
      assert.is(finalHash(store, data.name, 8), finalHash(store, 'colours', 8))
    }
    for (const model of models) model.dispose()
  })
})

test.run()
