import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { countDetected, diagnoseHealthyRuns, isAlarm } from '../support/detection.ts'

const test = suite('the detectors together')

test('alarm fewer than 5 % of 200 healthy trainings of eight shapes', () => {
  const results = diagnoseHealthyRuns(25)
  assert.is(results.length, 200)
  const alarmed = results.filter(({ diagnoses }) => diagnoses.some(isAlarm))
  const told = alarmed.map(({ shape, seed, diagnoses }) => `${shape} ${seed}: ${diagnoses.map(({ code }) => code)}`)
  assert.ok(alarmed.length < 0.05 * results.length, told.join('\n'))
})

test('find each fault in at least 95 % of 50 trainings', () => {
  for (const [code, found] of countDetected(50)) assert.ok(found >= 0.95 * 50, `${code}: ${found} of 50`)
})

test.run()
