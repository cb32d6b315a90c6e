import * as tf from '@tensorflow/tfjs-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import type { TrainingFact } from '../../src/events/training-events.ts'
import { AdamW } from '../../src/learning/adamw.ts'
import type { DualEncoder } from '../../src/learning/dual-encoder.ts'
import { LossError } from '../../src/learning/loss/batch-loss.ts'
import { sigmoidLogits } from '../../src/learning/loss/initial-logits.ts'
import { ModelAverage } from '../../src/learning/model-average.ts'
import { BatchError, type TrainingBatch } from '../../src/learning/training-batch.ts'
import { ConstantSchedule } from '../../src/schedules/constant-schedule.ts'
import type { LoopSettingsInput } from '../../src/trainer/loop-settings.ts'
import { InvalidSettingsError } from '../../src/trainer/run-settings.ts'
import { TrainingLoop, TrainingLoopError, type TrainingLoopOptions } from '../../src/trainer/training-loop.ts'
import { normalizationFreeModel } from '../support/normalization-free-model.ts'
import { rejectedBy } from '../support/rejected.ts'
import { stateOf } from '../support/state.ts'
import { thrownBy } from '../support/thrown.ts'
import { tinyBatch, tinyImageSize, tinyModel } from '../support/tiny-model.ts'

await prepareBackend('cpu')

const alone = suite('TrainingLoop without a log')

const plan = { stepsPerEpoch: 3, totalSteps: 8 }

/** A loop over random batches of six, with nothing but a model and an optimizer. */
function loopOf(
  changes: Partial<TrainingLoopOptions> = {},
  model: DualEncoder = tinyModel(),
): { loop: TrainingLoop; model: DualEncoder; optimizer: AdamW } {
  const optimizer = new AdamW(model.parameters)
  const data = { batch: (step: number) => tinyBatch(6, step) }
  return { loop: new TrainingLoop({ model, optimizer, data, plan, ...changes }), model, optimizer }
}

async function collected(facts: AsyncIterable<TrainingFact>): Promise<TrainingFact[]> {
  const all: TrainingFact[] = []
  for await (const fact of facts) all.push(fact)
  return all
}

/** What of facts does not depend on the clock. */
function timeless(facts: readonly TrainingFact[]): unknown[] {
  return facts.map(({ type, data }) => [type, { ...data, durationMs: 0, dataWaitMs: 0 }])
}

function completed(facts: readonly TrainingFact[]) {
  return facts.flatMap(fact => (fact.type === 'step.completed' ? [fact.data] : []))
}

alone('goes through epochs and steps to the end of the plan and yields every fact', async () => {
  const { loop, optimizer } = loopOf()
  const facts = await collected(loop.run())
  assert.equal(
    facts.map(({ type }) => type.replace('.completed', ' done').replace('.started', ' begins')),
    [
      ...['epoch begins', 'step done', 'step done', 'step done', 'epoch done'],
      ...['epoch begins', 'step done', 'step done', 'step done', 'epoch done'],
      ...['epoch begins', 'step done', 'step done'],
    ],
  )
  assert.equal(
    completed(facts).map(({ step, epoch, batch }) => [step, epoch, batch]),
    [1, 2, 3, 4, 5, 6, 7, 8].map(step => [step, Math.ceil(step / 3), ((step - 1) % 3) + 1]),
  )
  assert.is(optimizer.step, 8)
})

alone('goes on where it is told, as if it had never stopped', async () => {
  const whole = loopOf()
  const wanted = await collected(whole.loop.run())
  const parted = loopOf()
  const first = await collected(parted.loop.run({ epochs: 1 }))
  const rest = await collected(parted.loop.run({ after: { step: 3, epoch: 1, stepsSkippedInARow: 0 } }))
  assert.equal(timeless([...first, ...rest]), timeless(wanted))
  assert.equal(stateOf(parted.model), stateOf(whole.model))
})

alone('stops training when nobody listens any more', async () => {
  const { loop, optimizer } = loopOf()
  for await (const fact of loop.run()) {
    if (fact.type === 'step.completed' && fact.data.step === 2) break
  }
  assert.is(optimizer.step, 2)
})

alone('takes the optimizer’s learning rate and a schedule of one’s own', async () => {
  const schedule = new ConstantSchedule({ peak: 0.25, totalSteps: 8, warmUpSteps: 2 })
  const { loop } = loopOf({ schedule })
  assert.is(loop.schedule, schedule)
  const rates = completed(await collected(loop.run())).map(({ learningRate }) => learningRate)
  assert.equal(rates, [0.125, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25])

  const model = tinyModel()
  const own = new AdamW(model.parameters, { learningRate: 0.02 })
  const other = new TrainingLoop({ ...{ model, optimizer: own, plan }, data: { batch: () => tinyBatch(6) } })
  assert.is(Math.max(...other.schedule.ahead()), 0.02)
})

alone('is told how an evaluation went, for a plateau schedule, with the run’s better side', async () => {
  const settings: LoopSettingsInput = { schedule: { kind: 'plateau', warmUpShare: 0, patience: 1, factor: 0.1 } }
  const { loop } = loopOf({ settings, plan: { ...plan, metric: { name: 'loss', better: 'lower' } } })
  loop.observe(3)
  loop.observe(2)
  const before = loop.learningRate(5)
  loop.observe(2.5)
  assert.ok(Math.abs(loop.learningRate(5) - before / 10) < 1e-12)
})

alone('tells the share of captions that repeat, and the logit bias where there is one', async () => {
  const data = {
    batch(step: number): TrainingBatch {
      const batch = tinyBatch(6, step)
      batch.tokens.copyWithin(batch.tokenLength, 0, batch.tokenLength)
      return batch
    },
  }
  const softmax = completed(await collected(loopOf({ data }).loop.run({ epochs: 1 })))
  assert.ok(softmax.every(({ metrics }) => (metrics.duplicateCaptions ?? 0) >= 2 / 6))
  assert.ok(softmax.every(({ metrics }) => metrics.logitBias === undefined))
  const model = normalizationFreeModel({ imageSize: tinyImageSize, logits: sigmoidLogits })
  const { loop } = loopOf({ settings: { loss: { kind: 'sigmoid' } } }, model)
  const [first, second] = completed(await collected(loop.run({ epochs: 1 })))
  assert.is(first?.metrics.logitBias, -10)
  assert.not.equal(second?.metrics.logitBias, -10)
  assert.ok((first?.logitScale ?? 0) > 9.99 && (first?.logitScale ?? 0) < 10.01)
})

alone('updates the average after every step that was made, and after no other', async () => {
  const model = tinyModel()
  const average = new ModelAverage(model, { decay: 0.9 })
  const data = {
    batch(step: number): TrainingBatch {
      const batch = tinyBatch(6, step)
      if (step === 1) batch.images[0] = Number.NaN
      return batch
    },
  }
  await collected(loopOf({ data, average }, model).loop.run())
  assert.is(average.updates, 7)
})

const modes: Readonly<Record<string, LoopSettingsInput>> = {
  'the defaults': {},
  'micro-batches': { microBatchSize: 4 },
  'the sigmoid loss': { loss: { kind: 'sigmoid' } },
  'the sigmoid loss and micro-batches': { loss: { kind: 'sigmoid' }, microBatchSize: 2 },
  'label smoothing': { loss: { labelSmoothing: 0.1 } },
}

for (const [mode, settings] of Object.entries(modes)) {
  alone(
    `holds as many tensors after many steps as after the first, with ${mode}, frozen parts and an average`,
    async () => {
      const model = normalizationFreeModel({ imageSize: tinyImageSize, logits: sigmoidLogits })
      model.freeze(['text'])
      const average = new ModelAverage(model, { decay: 0.9 })
      const long = { stepsPerEpoch: 10, totalSteps: 40 }
      const { loop, optimizer } = loopOf({ settings, average, plan: long }, model)
      const counts: number[] = []
      for await (const fact of loop.run()) {
        if (fact.type === 'step.completed') counts.push(tf.memory().numTensors)
      }
      assert.is(counts.length, 40)
      assert.equal(new Set(counts).size, 1, `${counts}`)
      for (const part of [model, optimizer, average]) part.dispose()
    },
  )
}

alone('refuses pictures and texts of another size than those before, and nothing has happened', async () => {
  const odd = (batch: TrainingBatch, part: Partial<TrainingBatch>) => ({
    batch: (step: number) => (step < 2 ? batch : { ...batch, ...part }),
  })
  const batch = tinyBatch(4)
  const cases = [
    {
      part: { imageSize: 16, images: new Float32Array(4 * 16 * 16 * 3) },
      says: 'pictures of 16 pixels, but those before had 8',
    },
    { part: { tokenLength: 2, tokens: new Int32Array(8) }, says: 'texts of 2 tokens, but those before had 4' },
    { part: { images: new Float32Array(3) }, says: 'takes 768 image numbers, but has 3' },
  ]
  for (const { part, says } of cases) {
    const { loop, optimizer } = loopOf({ data: odd(batch, part) })
    assert.match((await rejectedBy(BatchError, collected(loop.run()))).message, says)
    assert.is(optimizer.step, 2)
  }
})

alone('refuses parts that do not fit each other', () => {
  const model = tinyModel()
  const optimizer = new AdamW(model.parameters)
  model.freeze(['image'])
  const data = { batch: () => tinyBatch(6) }
  const { message } = thrownBy(TrainingLoopError, () => new TrainingLoop({ model, optimizer, data, plan }))
  assert.match(message, /moves image\.stem\.kernel, which the model has frozen/)
  assert.match(
    thrownBy(LossError, () => loopOf({ settings: { loss: { kind: 'sigmoid' } } })).message,
    'the model has none',
  )
  assert.match(
    thrownBy(InvalidSettingsError, () => loopOf({ settings: { microBatchSize: 0 } })).message,
    'microBatchSize',
  )
})

alone.run()
