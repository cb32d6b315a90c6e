import * as tf from '@tensorflow/tfjs-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Plan, Progress } from '../../machines/trainer-context.ts'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { inMemorySource } from '../../src/data/in-memory-source.ts'
import type { TrainingFact } from '../../src/events/training-events.ts'
import { createSchedule } from '../../src/schedules/create-schedule.ts'
import { scheduleConfig } from '../../src/schedules/schedule-config.ts'
import { type Batch, DataHandler } from '../../src/trainer/data-handler.ts'
import { createLearner } from '../../src/trainer/learner.ts'
import { planOf } from '../../src/trainer/plan.ts'
import { parseRunSettings, type RunSettingsInput } from '../../src/trainer/run-settings.ts'
import { DivergedError, type StepObserver, TrainingLoop } from '../../src/trainer/training-loop.ts'
import { colourRun, colourSamples } from '../support/colour-run.ts'
import { encodeLetters } from '../support/encode-letters.ts'
import { rejectedBy } from '../support/rejected.ts'
import { factsOf, train, typesOf } from '../support/runs.ts'
import { assertSame } from '../support/same.ts'
import { stateOf } from '../support/state.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('TrainingLoop')

test.before(async () => {
  await prepareBackend('wasm')
})

const beginning: Progress = {
  step: 0,
  epoch: 1,
  epochsCompleted: 0,
  examples: 0,
  stepsSkipped: 0,
  stepsSkippedInARow: 0,
  evaluatedAt: 0,
  capturedAt: 0,
  best: null,
  diverged: false,
  evaluationsWithoutImprovement: 0,
}

/** A data handler whose pictures of one step are not numbers, as those of a broken decoder. */
class PoisonedData extends DataHandler {
  readonly poisoned = new Set<number>()

  override async batch(step: number): Promise<Batch> {
    const batch = await super.batch(step)
    if (!this.poisoned.has(step)) return batch
    return { ...batch, images: batch.images.map((value, index) => (index === 5 ? Number.NaN : value)) }
  }
}

async function withLoop(
  input: RunSettingsInput,
  use: (parts: { loop: TrainingLoop; data: PoisonedData; state: () => unknown; plan: Plan }) => Promise<void>,
  observer?: StepObserver,
): Promise<void> {
  const { model: config } = colourRun()
  const settings = parseRunSettings({ model: config, imageSize: 8, tokenLength: 4, batchSize: 6, ...input })
  const { seed, tokenLength, imageSize, batchSize } = settings
  const before = tf.memory().numTensors
  await inTemporaryFolder(async cacheDirectory => {
    const source = inMemorySource('colours', colourSamples)
    const tokenizer = { encode: encodeLetters }
    const data = new PoisonedData({ source, tokenizer, imageSize, batchSize, tokenLength, seed, cacheDirectory })
    await data.prepare()
    const { model, optimizer, dispose } = createLearner(settings, 128)
    const plan = planOf(settings, data.stepsPerEpoch, true)
    const loop = new TrainingLoop({ model, optimizer, data, plan, settings, observer })
    try {
      await use({ loop, data, plan, state: () => [stateOf(model), stateOf(optimizer)] })
    } finally {
      dispose()
      await data.close()
    }
  })
  assert.is(tf.memory().numTensors, before, 'no tensor is left')
}

function dataOf<Type extends TrainingFact['type']>(facts: readonly TrainingFact[], type: Type) {
  const fact = facts.find(each => each.type === type)
  assert.ok(fact, `there is ${type} among ${facts.map(each => each.type)}`)
  return fact?.data as Extract<TrainingFact, { type: Type }>['data']
}

test('knows the learning rate of every step ahead: warm-up, then half a cosine', async () => {
  await withLoop(
    { epochs: 5, optimizer: { learningRate: 0.01 }, schedule: { warmUpShare: 0.2, finalShare: 0.1 } },
    async ({ loop, plan }) => {
      assert.is(plan.totalSteps, 20)
      const rates = Array.from({ length: 20 }, (_, index) => loop.learningRate(index + 1))
      const config = scheduleConfig.parse({ warmUpShare: 0.2, finalShare: 0.1 })
      const schedule = createSchedule(config, { peak: 0.01, totalSteps: 20, better: 'higher' })
      assert.equal(rates, [...schedule.ahead()])
      assert.equal(loop.schedule.ahead(), schedule.ahead())
      assert.equal(rates.slice(0, 5), [0.0025, 0.005, 0.0075, 0.01, 0.01])
      assert.ok(rates.every(rate => rate > 0 && rate <= 0.01))
      const facts = await loop.step({ ...beginning, step: 6, epoch: 2 })
      assert.is(dataOf(facts, 'step.completed').learningRate, rates[6])
    },
  )
})

test('opens an epoch where one begins, and closes it with its last step', async () => {
  await withLoop({}, async ({ loop }) => {
    assert.equal(loop.opening({ ...beginning, epoch: 0 }), [{ type: 'epoch.started', data: { epoch: 1, step: 0 } }])
    assert.equal(loop.opening(beginning), [])
    assert.equal(loop.opening({ ...beginning, step: 2 }), [])
    assert.equal(loop.opening({ ...beginning, step: 4 }), [{ type: 'epoch.started', data: { epoch: 2, step: 4 } }])
    const types = async (step: number) => (await loop.step({ ...beginning, step })).map(({ type }) => type)
    assert.equal(await types(0), ['step.completed'])
    assert.equal(await types(3), ['step.completed', 'epoch.completed'])
    const { step, batch, examples, epoch } = dataOf(
      await loop.step({ ...beginning, step: 5, epoch: 2 }),
      'step.completed',
    )
    assert.equal({ step, batch, examples, epoch }, { step: 6, batch: 2, examples: 6, epoch: 2 })
  })
})

test('shows an observer the gradients of the steps that it wants, and tells what it saw before the step', async () => {
  const seen: number[] = []
  const observer: StepObserver = {
    wants: step => step % 2 === 0,
    see: (gradient, layout) => seen.push(layout.size - gradient.size),
    facts: ({ step }) => [{ type: 'sample.skipped', data: { source: 'seen', key: String(step), reason: 'test' } }],
  }
  await withLoop(
    {},
    async ({ loop }) => {
      const types = async (step: number) => (await loop.step({ ...beginning, step })).map(({ type }) => type)
      assert.equal(await types(0), ['step.completed'])
      assert.equal(await types(1), ['sample.skipped', 'step.completed'])
      assert.equal(await types(3), ['sample.skipped', 'step.completed', 'epoch.completed'])
      assert.equal(seen, [0, 0])
    },
    observer,
  )
})

test('leaves weights, statistics and optimizer untouched by a step that is not finite, and goes on after it', async () => {
  await withLoop({}, async ({ loop, data, state }) => {
    await loop.step(beginning)
    const before = state()
    data.poisoned.add(1)
    const skipped = dataOf(await loop.step({ ...beginning, step: 1 }), 'step.skipped')
    assert.is(skipped.step, 2)
    assert.not(Number.isFinite(skipped.loss) && Number.isFinite(skipped.gradientNorm))
    assertSame(state(), before)
    const next = dataOf(await loop.step({ ...beginning, step: 2, stepsSkippedInARow: 1 }), 'step.completed')
    assert.ok(Number.isFinite(next.loss))
    assert.not.equal(state(), before)
  })
})

test('gives up after too many such steps in a row', async () => {
  await withLoop({ maximumSkippedInARow: 3 }, async ({ loop }) => {
    dataOf(await loop.step({ ...beginning, step: 5, epoch: 2, stepsSkippedInARow: 2 }), 'step.completed')
    const { message } = await rejectedBy(DivergedError, () =>
      loop.step({ ...beginning, step: 5, stepsSkippedInARow: 3 }),
    )
    assert.match(message, 'not finite in 3 steps in a row, up to step 5')
  })
})

test('a run whose weights blow up tells of each step that it skips, and fails with the reason', async () => {
  await inTemporaryFolder(async store => {
    const definition = colourRun({
      optimizer: { learningRate: 1e30 },
      schedule: { warmUpShare: 0 },
      maximumSkippedInARow: 3,
      augmentation: null,
    })
    const { message } = await rejectedBy(DivergedError, () => train(definition, { store }))
    const skipped = factsOf(store, 'colours', 'step.skipped').map(({ data }) => data.step)
    assert.is(skipped.length, 3)
    assert.equal(skipped, [skipped[0], (skipped[0] ?? 0) + 1, (skipped[0] ?? 0) + 2])
    const types = typesOf(store, 'colours')
    assert.is(types.at(-1), 'run.failed')
    assert.is(factsOf(store, 'colours', 'run.failed')[0]?.data.error.message, message)
    const [diagnosis] = factsOf(store, 'colours', 'diagnosis.raised')
    assert.is(diagnosis?.data.code, 'non-finite')
  })
})

test.run()
