import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { TrainingFact } from '../../src/events/training-events.ts'
import { readAttempts } from '../../src/history/attempts.ts'
import { type LearningRatePlan, learningRatePlan } from '../../src/history/learning-rate-plan.ts'
import { createSchedule } from '../../src/schedules/create-schedule.ts'
import { parseRunSettings, type RunSettingsInput } from '../../src/trainer/run-settings.ts'
import { createdWith } from '../support/fork-facts.ts'
import { withJournal } from '../support/journals.ts'
import { forkedFrom, runResumed, runStarted, shortPlan } from '../support/training-facts.ts'

const test = suite('the learning rate that a run plans')

const stream = 'run/short'
const plan = { ...shortPlan, epochs: 10, totalSteps: 20 }
const settings: RunSettingsInput = { optimizer: { learningRate: 1e-3 }, schedule: { kind: 'linear' } }

function created(changes: RunSettingsInput = {}, parent?: ReturnType<typeof forkedFrom>): TrainingFact {
  const config = JSON.parse(JSON.stringify(parseRunSettings({ ...settings, ...changes })))
  return createdWith(config, parent === undefined ? {} : { parent })
}

async function planOf(facts: readonly TrainingFact[]): Promise<LearningRatePlan | undefined> {
  let planned: LearningRatePlan | undefined
  await withJournal(journal => {
    journal.append(stream, facts)
    planned = learningRatePlan(journal, stream, readAttempts(journal, stream))
  })
  return planned
}

const expected = (step: number, totalSteps = 20) =>
  createSchedule({ kind: 'linear' }, { peak: 1e-3, totalSteps, better: 'lower' }).at(step)

test('is that of its settings, for every step of its plan', async () => {
  const planned = await planOf([created(), runStarted(plan)])
  assert.equal([planned?.begun, planned?.totalSteps], [0, 20])
  for (let step = 1; step <= 20; step++) assert.is(planned?.at(step), expected(step))
  assert.is(planned?.agrees(7, expected(7)), true)
  assert.is(planned?.agrees(7, expected(8)), false)
  assert.is(planned?.agrees(7, Number.NaN), false)
})

test('goes by what each attempt was to do: one may have been given more epochs', async () => {
  const longer = { ...plan, epochs: 20, totalSteps: 40 }
  const planned = await planOf([created(), runStarted(plan), runResumed(2, null, 8, longer)])
  assert.is(planned?.totalSteps, 40)
  for (const step of [1, 8]) assert.is(planned?.at(step), expected(step))
  for (const step of [9, 40]) assert.is(planned?.at(step), expected(step, 40))
})

test("of a fork is its own, after its parent's step", async () => {
  const planned = await planOf([
    created({ optimizer: { learningRate: 2e-3 } }, forkedFrom('other', 6)),
    runStarted(plan),
  ])
  assert.equal([planned?.begun, planned?.at(7)], [6, 2 * expected(7)])
})

for (const [why, facts] of [
  ['before the first attempt', [created()]],
  ['under a schedule that follows the evaluations', [created({ schedule: { kind: 'plateau' } }), runStarted(plan)]],
  ['with an optimizer of another kind', [created({ optimizer: null }), runStarted(plan)]],
  ['in settings that nobody understands', [createdWith({ optimizer: 'best' }), runStarted(plan)]],
] as const) {
  test(`is not known ${why}`, async () => assert.is(await planOf(facts), undefined))
}

test.run()
