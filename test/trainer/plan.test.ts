import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { planOf } from '../../src/trainer/plan.ts'
import { parseRunSettings, type RunSettingsInput } from '../../src/trainer/run-settings.ts'
import { colourRun } from '../support/colour-run.ts'
import { factsOf, train } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite("a run's plan")

function plan(input: RunSettingsInput, stepsPerEpoch = 10, evaluates = true) {
  return planOf(parseRunSettings(input), stepsPerEpoch, evaluates)
}

test('counts everything in steps', () => {
  assert.equal(plan({ epochs: 3 }), {
    epochs: 3,
    stepsPerEpoch: 10,
    totalSteps: 30,
    evaluateEvery: 10,
    checkpointEvery: 10,
    metric: { name: 'textToImageRecallAt1', better: 'higher' },
    checkpointBest: true,
    earlyStopping: null,
  })
})

test('takes rhythms in epochs or in steps, and none for checkpoints', () => {
  const rhythms = plan({ evaluation: { every: { epochs: 2 } }, checkpoints: { every: { steps: 7 } } })
  assert.equal([rhythms.evaluateEvery, rhythms.checkpointEvery], [20, 7])
  assert.is(plan({ checkpoints: { every: null } }).checkpointEvery, null)
})

test('ends after the epochs or after the steps, whichever comes first', () => {
  assert.is(plan({ epochs: 3, maxSteps: 25 }).totalSteps, 25)
  assert.is(plan({ epochs: 3, maxSteps: 99 }).totalSteps, 30)
})

test('has neither evaluations nor a best checkpoint without held-out data', () => {
  const { evaluateEvery, checkpointBest } = plan({}, 10, false)
  assert.equal({ evaluateEvery, checkpointBest }, { evaluateEvery: null, checkpointBest: false })
  assert.is(plan({ checkpoints: { keepBest: 0 } }).checkpointBest, false)
})

test('is what a run does: rhythms within epochs, and an end in the middle of one', async () => {
  await inTemporaryFolder(async store => {
    const definition = colourRun({
      maxSteps: 10,
      evaluation: { every: { steps: 3 } },
      checkpoints: { every: { steps: 4 }, keepBest: 0, keepLast: 9 },
    })
    await train(definition, { store })
    const stepsOf = (type: 'evaluation.completed' | 'checkpoint.captured' | 'epoch.completed') =>
      factsOf(store, 'colours', type).map(({ data }) => data.step)
    assert.equal(stepsOf('evaluation.completed'), [3, 6, 9, 10])
    assert.equal(stepsOf('checkpoint.captured'), [4, 8, 10])
    assert.equal(stepsOf('epoch.completed'), [4, 8])
    assert.equal(factsOf(store, 'colours', 'run.completed')[0]?.data, { step: 10, epochs: 2 })
  })
})

test('without held-out data a run trains, saves and ends', async () => {
  await inTemporaryFolder(async store => {
    const { valData: _, ...definition } = colourRun({ epochs: 2 })
    assert.is(await train(definition, { store }), 'completed')
    assert.equal(factsOf(store, 'colours', 'evaluation.started'), [])
    const saved = factsOf(store, 'colours', 'checkpoint.saved').map(({ data }) => [data.step, data.metric])
    assert.equal(saved, [
      [4, null],
      [8, null],
    ])
  })
})

test.run()
