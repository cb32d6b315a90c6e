import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { CheckpointRecord } from '../../machines/trainer.ts'
import { trainerMachine } from '../../machines/trainer.ts'
import { superfluousCheckpoints } from '../../src/trainer/retention.ts'
import { drive } from '../support/drive.ts'
import { shortPlan } from '../support/training-facts.ts'

const test = suite('which checkpoints are kept')

const { progress } = drive(trainerMachine, []).context

function record(step: number, metric: number | null, saved = true): CheckpointRecord {
  return { step, reason: 'interval', uri: saved ? `${step}` : null, sha256: saved ? 'ab' : null, metric, progress }
}

function superfluous(
  records: readonly CheckpointRecord[],
  keepLast: number,
  keepBest: number,
  better: 'lower' | 'higher' = 'lower',
): number[] {
  const checkpoints = Object.fromEntries(records.map(each => [`step-${each.step}`, each]))
  const plan = { ...shortPlan, metric: { name: 'loss', better } }
  return superfluousCheckpoints({ checkpoints, plan }, { keepLast, keepBest }).map(name => Number(name.slice(5)))
}

test('the latest and the best', () => {
  const records = [record(1, 5), record(2, 1), record(3, 4), record(4, 3), record(5, 2)]
  assert.equal(superfluous(records, 2, 1), [1, 3])
  assert.equal(superfluous(records, 1, 0), [1, 2, 3, 4])
  assert.equal(superfluous(records, 1, 2, 'higher'), [2, 4])
  assert.equal(superfluous(records, 9, 9), [])
})

test('the earliest of equally good ones, as early stopping has it', () => {
  assert.equal(superfluous([record(1, 1), record(2, 1), record(3, 1)], 1, 1), [2])
})

test('none for a metric that is no number', () => {
  const records = [record(1, Number.NaN), record(2, 3), record(3, Number.NaN), record(4, null)]
  assert.equal(superfluous(records, 1, 1), [1, 3])
  assert.equal(superfluous(records, 1, 2, 'higher'), [1, 3])
})

test('none is removed before it is saved', () => {
  assert.equal(
    superfluous([record(1, null, false), record(2, null), record(3, null, false), record(4, null)], 1, 0),
    [2],
  )
})

/** The rule again, in so many words: a checkpoint goes when enough are later and enough are better. */
function isSuperfluous(
  one: CheckpointRecord,
  saved: readonly CheckpointRecord[],
  keepLast: number,
  keepBest: number,
  sign: number,
): boolean {
  const isNumber = ({ metric }: CheckpointRecord) => metric !== null && Number.isFinite(metric)
  const later = saved.filter(other => other.step > one.step)
  const better = saved.filter(other => {
    if (!isNumber(other)) return false
    const gain = sign * ((other.metric ?? 0) - (one.metric ?? 0))
    return gain > 0 || (gain === 0 && other.step < one.step)
  })
  return later.length >= keepLast && (!isNumber(one) || better.length >= keepBest)
}

test('the rule in so many words, for any checkpoints', () => {
  const metric = fc.oneof(
    fc.constant(null),
    fc.constant(Number.NaN),
    fc.integer({ min: 0, max: 3 }),
    fc.double({ noNaN: true }),
  )
  const checkpoint = fc.tuple(fc.nat({ max: 50 }), metric, fc.boolean())
  fc.assert(
    fc.property(
      fc.uniqueArray(checkpoint, { selector: ([step]) => step, maxLength: 12 }),
      fc.integer({ min: 1, max: 4 }),
      fc.nat({ max: 4 }),
      fc.constantFrom('lower' as const, 'higher' as const),
      (given, keepLast, keepBest, better) => {
        const records = given.map(([step, value, isSaved]) => record(step, value, isSaved))
        const saved = records.filter(({ uri }) => uri !== null)
        const sign = better === 'lower' ? -1 : 1
        const wanted = saved.filter(one => isSuperfluous(one, saved, keepLast, keepBest, sign)).map(({ step }) => step)
        assert.equal(superfluous(records, keepLast, keepBest, better), wanted)
        const last = Math.max(...saved.map(({ step }) => step))
        assert.not(wanted.includes(last))
      },
    ),
    { numRuns: 500 },
  )
})

test.run()
