import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { describeValue, factDifference } from '../../src/history/fact-difference.ts'
import { stepCompleted } from '../support/facts.ts'
import { checkpointSaved, evaluationCompleted, gradientsObserved, stepSkipped } from '../support/training-facts.ts'

const test = suite('the difference between a fact and its repetition')

const fields = ['loss', 'learningRate', 'logitScale', 'gradientNorm'] as const
const anyNumber = fc.double()

test('there is none between equal facts, whatever their numbers', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), anyNumber), anyNumber, (metrics, loss) => {
      const fact = stepCompleted(3, { metrics, loss })
      assert.is(factDifference(fact, structuredClone(fact)), undefined)
    }),
  )
})

test('a single other bit is found, and the field named', () => {
  fc.assert(
    fc.property(fc.constantFrom(...fields), anyNumber, anyNumber, (field, one, other) => {
      const found = factDifference(stepCompleted(3, { [field]: one }), stepCompleted(3, { [field]: other }))
      assert.equal(found, Object.is(one, other) ? undefined : { field, one, other })
    }),
  )
})

test('0 is not -0, and NaN is NaN', () => {
  const step = (loss: number) => stepCompleted(3, { loss })
  assert.equal(factDifference(step(0), step(-0)), { field: 'loss', one: 0, other: -0 })
  assert.is(factDifference(step(Number.NaN), step(Number.NaN)), undefined)
})

test('an evaluation that was logged before there were similarities is repeated by one that has them', () => {
  const logged = evaluationCompleted(4, { loss: 1 })
  assert.ok(logged.type === 'evaluation.completed')
  const withSimilarity = (value: number) => {
    const similarities = { pairs: [{ key: 'one', caption: 'red' }], values: [[value]] }
    return { ...logged, data: { ...logged.data, similarities } }
  }
  assert.is(factDifference(logged, withSimilarity(0.5)), undefined)
  assert.is(factDifference(withSimilarity(0.5), logged), undefined)
  assert.equal(factDifference(withSimilarity(0.5), withSimilarity(0.25)), {
    field: 'similarities.values.0.0',
    one: 0.5,
    other: 0.25,
  })
})

test('what is nested is named by its path, and so is what one has and the other lacks', () => {
  const one = evaluationCompleted(4, { loss: 1, recall: 0.5 })
  const other = evaluationCompleted(4, { loss: 1, recall: 0.25 })
  const less = evaluationCompleted(4, { loss: 1 })
  assert.ok(one.type === 'evaluation.completed' && other.type === one.type && less.type === one.type)
  assert.equal(factDifference(one, other), { field: 'metrics.recall', one: 0.5, other: 0.25 })
  assert.equal(factDifference(one, less), { field: 'metrics.recall', one: 0.5, other: undefined })
  const seen = gradientsObserved(4, { kernel: 1, bias: 2 })
  const seenOtherwise = gradientsObserved(4, { kernel: 1, bias: 3 })
  assert.ok(seen.type === 'gradients.observed' && seenOtherwise.type === seen.type)
  assert.is(factDifference(seen, seenOtherwise)?.field, 'layers.1.norm')
})

test('durations and the names of files may differ', () => {
  const one = stepCompleted(3, { durationMs: 1, dataWaitMs: 1 })
  assert.is(factDifference(one, stepCompleted(3, { durationMs: 2, dataWaitMs: 0 })), undefined)
  const saved = checkpointSaved('step-4', 4)
  const again = checkpointSaved('step-4-attempt-2', 4)
  assert.ok(saved.type === 'checkpoint.saved' && again.type === saved.type)
  assert.is(factDifference(saved, again), undefined)
  const other = { ...again, data: { ...again.data, sha256: 'cd' } }
  assert.equal(factDifference(saved, other), { field: 'sha256', one: 'ab', other: 'cd' })
})

test('a step that was skipped is not one that was completed', () => {
  const skipped = stepSkipped(3)
  assert.ok(skipped.type === 'step.skipped')
  assert.equal(factDifference(stepCompleted(3), skipped), {
    field: 'type',
    one: 'step.completed',
    other: 'step.skipped',
  })
})

test('values are told in full', () => {
  const told = [0.1 + 0.2, -0, Number.NaN, 'text', null, undefined, [1]].map(describeValue)
  assert.equal(told, ['0.30000000000000004', '-0', 'NaN', '"text"', 'null', 'nothing', '[1]'])
})

test.run()
