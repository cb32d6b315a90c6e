import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Better, isBetter, superfluousCheckpoints } from '../../src/trainer/retention.ts'

const test = suite('which checkpoints are kept')

/** The places, from 1 on, of those that go among checkpoints with these metrics in the order of saving. */
function superfluous(
  metrics: readonly (number | null)[],
  keepLast: number,
  keepBest: number,
  better: Better = 'lower',
): number[] {
  const checkpoints = metrics.map((metric, index) => ({ metric, place: index + 1 }))
  return superfluousCheckpoints(checkpoints, { keepLast, keepBest, better }).map(({ place }) => place)
}

test('the latest and the best', () => {
  const metrics = [5, 1, 4, 3, 2]
  assert.equal(superfluous(metrics, 2, 1), [1, 3])
  assert.equal(superfluous(metrics, 1, 0), [1, 2, 3, 4])
  assert.equal(superfluous(metrics, 1, 2, 'higher'), [2, 4])
  assert.equal(superfluous(metrics, 9, 9), [])
  assert.equal(superfluous([], 1, 1), [])
})

test('the earliest of equally good ones, as early stopping has it', () => {
  assert.equal(superfluous([1, 1, 1], 1, 1), [2])
})

test('the very last, whatever the rule', () => {
  assert.equal(superfluous([1, 2, 3], 0, 0), [1, 2])
})

test('none for a metric that is no number', () => {
  assert.equal(superfluous([Number.NaN, 3, Number.NaN, null], 1, 1), [1, 3])
  assert.equal(superfluous([Infinity, 3, -Infinity, null], 1, 2, 'higher'), [1, 3])
})

test('the rule in so many words, for any checkpoints: one goes when enough are later and enough are better', () => {
  const metric = fc.oneof(
    fc.constant(null),
    fc.constant(Number.NaN),
    fc.integer({ min: 0, max: 3 }),
    fc.double({ noNaN: true }),
  )
  fc.assert(
    fc.property(
      fc.array(metric, { maxLength: 12 }),
      fc.integer({ min: 1, max: 4 }),
      fc.nat({ max: 4 }),
      fc.constantFrom<Better>('lower', 'higher'),
      (metrics, keepLast, keepBest, better) => {
        const wanted = metrics.flatMap((one, place) => {
          const value = one ?? Number.NaN
          const betterOnes = metrics.filter((other, otherPlace) => {
            if (other === null || !Number.isFinite(other)) return false
            return isBetter(other, value, better) || (other === value && otherPlace < place)
          })
          const isBest = Number.isFinite(value) && betterOnes.length < keepBest
          return metrics.length - 1 - place >= keepLast && !isBest ? [place + 1] : []
        })
        assert.equal(superfluous(metrics, keepLast, keepBest, better), wanted)
      },
    ),
    { numRuns: 500 },
  )
})

test('better means what the metric says, and nothing that is no number is', () => {
  assert.ok(isBetter(2, 1, 'higher') && isBetter(1, 2, 'lower'))
  assert.not.ok(isBetter(1, 2, 'higher') || isBetter(2, 1, 'lower'))
  assert.not.ok(isBetter(1, 1, 'higher') || isBetter(1, 1, 'lower'))
  for (const better of ['higher', 'lower'] as const) {
    assert.ok(isBetter(-5, null, better))
    for (const value of [Number.NaN, Infinity, -Infinity]) assert.not.ok(isBetter(value, null, better))
  }
})

test.run()
