import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createSchedule } from '../../src/schedules/create-schedule.ts'
import { LearningRateSchedule, ScheduleError } from '../../src/schedules/learning-rate-schedule.ts'
import type { ScheduleConfigInput } from '../../src/schedules/schedule-config.ts'
import { assertNear } from '../support/near.ts'
import { thrownBy } from '../support/thrown.ts'

const schedules = suite('learning-rate schedules')

function schedule(config: ScheduleConfigInput, totalSteps = 110, peak = 0.1): LearningRateSchedule {
  return createSchedule(config, { peak, totalSteps, better: 'higher' })
}

/** The learning rates of some steps, 1-based. */
function rates(config: ScheduleConfigInput, steps: readonly number[], totalSteps = 110): number[] {
  const made = schedule(config, totalSteps)
  return steps.map(step => made.at(step))
}

function allNear(actual: readonly number[], expected: readonly number[]): void {
  assert.is(actual.length, expected.length)
  for (const [index, value] of actual.entries()) assertNear(value, expected[index] as number, 1e-12)
}

const tenth = { warmUpShare: 10 / 110 }

schedules('cosine: equal steps up to the peak, then half a cosine down to the final share', () => {
  allNear(rates({ ...tenth, finalShare: 0.05 }, [1, 5, 10, 11, 61, 111, 5001]), [
    ...[0.01, 0.05, 0.1, 0.1],
    0.1 * (0.05 + 0.95 / 2),
    ...[0.005, 0.005],
  ])
})

schedules('cosine is what is meant where no kind is named', () => {
  assert.equal(schedule({}).ahead(), schedule({ kind: 'cosine', warmUpShare: 0.1, finalShare: 0 }).ahead())
})

schedules('linear: a straight line from the peak to the final share', () => {
  allNear(rates({ kind: 'linear', ...tenth, finalShare: 0.2 }, [1, 10, 11, 61, 86, 111, 5001]), [
    ...[0.01, 0.1, 0.1, 0.06, 0.04, 0.02, 0.02],
  ])
})

schedules('constant: the peak after warm-up', () => {
  allNear(rates({ kind: 'constant', ...tenth }, [1, 10, 11, 110, 5001]), [0.01, 0.1, 0.1, 0.1, 0.1])
  assert.ok(
    schedule({ kind: 'constant', warmUpShare: 0 })
      .ahead()
      .every(rate => rate === 0.1),
  )
})

schedules('one-cycle: half a cosine up, another down', () => {
  const config = { kind: 'one-cycle', warmUpShare: 0.4, initialShare: 0.2, finalShare: 0.01 } as const
  allNear(rates(config, [1, 21, 41, 71, 101], 100), [0.02, 0.06, 0.1, 0.1 * (0.01 + 0.99 / 2), 0.001])
})

schedules('warm restarts: from the peak again and again, the last cycle ending with the run', () => {
  const even = { kind: 'warm-restarts', warmUpShare: 0, cycles: 4, finalShare: 0 } as const
  allNear(rates(even, [1, 11, 21, 31, 41, 61, 81, 101], 80), [0.1, 0.05, 0.1, 0.05, 0.1, 0.1, 0, 0])
  // Cycles of 1, 2 and 4 sevenths of 70 steps.
  const growing = { kind: 'warm-restarts', warmUpShare: 0, cycles: 3, growth: 2, finalShare: 0.1 } as const
  allNear(rates(growing, [1, 6, 11, 21, 31, 51, 71], 70), [0.1, 0.055, 0.1, 0.055, 0.1, 0.055, 0.01])
})

schedules('plateau: the peak until evaluations stand still, then lower by the factor, down to the final share', () => {
  const plateau = schedule({
    kind: 'plateau',
    ...tenth,
    factor: 0.5,
    patience: 2,
    minimumChange: 0.01,
    finalShare: 0.2,
  })
  const after = (metric: number) => {
    plateau.observe(metric)
    return plateau.at(50)
  }
  // The first is an improvement on nothing; less than the minimum change is none.
  allNear([0.3, 0.4, 0.405, 0.4].map(after), [0.1, 0.1, 0.1, 0.05])
  allNear([0.5, Number.NaN, 0.5].map(after), [0.05, 0.05, 0.025])
  allNear([0.5, 0.5].map(after), [0.025, 0.02])
  assertNear(plateau.at(5), 0.05, 1e-12)
  assert.ok(plateau.ahead().every((rate, index) => index < 10 || Math.abs(rate - 0.02) < 1e-12))
})

schedules('plateau: lower is better where the run says so', () => {
  const plateau = createSchedule(
    { kind: 'plateau', warmUpShare: 0, patience: 1 },
    { peak: 1, totalSteps: 10, better: 'lower' },
  )
  for (const loss of [3, 2, 1]) plateau.observe(loss)
  assert.is(plateau.at(1), 1)
  plateau.observe(1.5)
  assert.is(plateau.at(1), 0.5)
})

/** What plateau has brought the rate to, counted anew from all metrics. */
function plateauByDefinition(metrics: readonly number[], patience: number, factor: number): number {
  let [best, waited, rate] = [Number.NEGATIVE_INFINITY, 0, 1]
  for (const metric of metrics) {
    waited = metric > best ? 0 : waited + 1
    best = Math.max(best, metric)
    if (waited === patience) [waited, rate] = [0, rate * factor]
  }
  return rate
}

schedules('plateau: a resumed one goes on as the one that was not interrupted, for any metrics', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { maxLength: 30 }),
      fc.nat(30),
      fc.integer({ min: 1, max: 4 }),
      (metrics, cut, patience) => {
        const config = { kind: 'plateau', warmUpShare: 0, patience, factor: 0.5 } as const
        const whole = schedule(config, 100, 1)
        const first = schedule(config, 100, 1)
        for (const metric of metrics.slice(0, cut)) first.observe(metric)
        const resumed = schedule(config, 100, 1)
        resumed.restoreCounters(JSON.parse(JSON.stringify(first.counters())) as Record<string, number>)
        for (const metric of metrics.slice(cut)) resumed.observe(metric)
        for (const metric of metrics) whole.observe(metric)
        assert.equal(resumed.counters(), whole.counters())
        assert.is(resumed.at(1), whole.at(1))
        assert.is(whole.at(1), plateauByDefinition(metrics, patience, 0.5))
      },
    ),
  )
})

const configs: fc.Arbitrary<ScheduleConfigInput> = fc
  .record({
    kind: fc.constantFrom('cosine', 'linear', 'constant', 'one-cycle', 'warm-restarts', 'plateau'),
    warmUpShare: fc.double({ min: 0, max: 1, noNaN: true }),
    finalShare: fc.double({ min: 0, max: 1, noNaN: true }),
    cycles: fc.integer({ min: 1, max: 6 }),
    growth: fc.double({ min: 1, max: 3, noNaN: true }),
  })
  .map(({ kind, warmUpShare, finalShare, cycles, growth }) => {
    if (kind === 'constant') return { kind, warmUpShare }
    return kind === 'warm-restarts'
      ? { kind, warmUpShare, finalShare, cycles, growth }
      : { kind, warmUpShare, finalShare }
  })

schedules('every kind stays between 0 and the peak, reaches it, and is told the same ahead as step by step', () => {
  fc.assert(
    fc.property(configs, fc.integer({ min: 1, max: 300 }), (config, totalSteps) => {
      const made = schedule(config, totalSteps, 1)
      const ahead = made.ahead()
      assert.is(ahead.length, totalSteps)
      // Asked for in another order, and beyond the end.
      for (let step = totalSteps; step >= 1; step--) assert.is(made.at(step), ahead[step - 1])
      for (const rate of [...ahead, made.at(totalSteps + 5)]) assert.ok(rate >= 0 && rate <= 1 + 1e-12, `${rate}`)
      const highest = Math.max(...ahead, made.at(totalSteps + 1))
      if (config.kind !== 'one-cycle' || totalSteps > 1) assertNear(highest, 1, 1e-9)
    }),
  )
})

schedules('every falling kind rises through warm-up and never after it', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('cosine', 'linear'),
      fc.integer({ min: 1, max: 300 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (kind, totalSteps, warmUpShare, finalShare) => {
        const ahead = schedule({ kind, warmUpShare, finalShare }, totalSteps, 1).ahead()
        const warmUpSteps = Math.round(warmUpShare * totalSteps)
        for (const [index, rate] of ahead.entries()) {
          const before = ahead[index - 1]
          if (before === undefined) continue
          if (index < warmUpSteps) assert.ok(rate > before)
          else assert.ok(rate <= before + 1e-12)
        }
      },
    ),
  )
})

schedules('a schedule of one’s own says its share and gets the warm-up', () => {
  class Stairs extends LearningRateSchedule {
    protected override share(step: number): number {
      return 0.5 ** Math.floor(step / 10)
    }
  }
  const stairs = new Stairs({ peak: 1, totalSteps: 30, warmUpSteps: 4 })
  allNear(
    [1, 4, 5, 14, 15, 25].map(step => stairs.at(step)),
    [0.25, 1, 1, 1, 0.5, 0.25],
  )
  assert.equal(stairs.counters(), {})
})

schedules('refuse what is no step, and stay finite at no length', () => {
  for (const step of [0, -1, 0.5, Number.NaN]) {
    assert.match(thrownBy(ScheduleError, () => schedule({}).at(step)).message, `at step ${step}`)
  }
  for (const kind of ['cosine', 'linear', 'one-cycle', 'warm-restarts', 'plateau', 'constant'] as const) {
    assert.ok(Number.isFinite(schedule({ kind }, 0).at(1)), kind)
  }
})

schedules('refuse a configuration that makes no sense, and say what does', () => {
  for (const [wrong, says] of [
    [{ kind: 'zigzag' }, 'kind: choose cosine, linear,'],
    [{ kind: 'constant', finalShare: 0.1 }, 'finalShare'],
    [{ kind: 'plateau', factor: 1 }, 'factor'],
  ] as const) {
    assert.match(thrownBy(ScheduleError, () => schedule(wrong as unknown as ScheduleConfigInput)).message, says)
  }
})

schedules('between two turns the learning rate goes one way, where all of it is known ahead', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true })
  const known = fc.oneof(
    fc.record({ kind: fc.constantFrom('cosine' as const, 'linear' as const), warmUpShare: share, finalShare: share }),
    fc.record({ kind: fc.constant('constant' as const), warmUpShare: share }),
    fc.record({ kind: fc.constant('one-cycle' as const), warmUpShare: share, initialShare: share, finalShare: share }),
    fc.record({
      kind: fc.constant('warm-restarts' as const),
      warmUpShare: share,
      cycles: fc.integer({ min: 1, max: 9 }),
      growth: fc.double({ min: 1, max: 3, noNaN: true }),
      finalShare: share,
    }),
  )
  fc.assert(
    fc.property(known, fc.integer({ min: 1, max: 200 }), (config, totalSteps) => {
      const made = schedule(config, totalSteps)
      const turns = [1, ...(made.turns() ?? []), totalSteps].filter(step => step >= 1 && step <= totalSteps)
      const ends = [...new Set(turns)].sort((one, other) => one - other)
      for (const [index, end] of ends.slice(1).entries()) {
        const changes = []
        for (let step = (ends[index] ?? 0) + 1; step <= end; step++) changes.push(made.at(step) - made.at(step - 1))
        assert.ok(
          changes.every(change => change >= -1e-15) || changes.every(change => change <= 1e-15),
          JSON.stringify(config),
        )
      }
    }),
  )
  assert.is(schedule({ kind: 'plateau' }).turns(), undefined)
})

schedules.run()
