import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { learningRateAt, ScheduleError } from '../../src/learning/schedule.ts'

const schedule = suite('learningRateAt')
const config = { peak: 0.1, warmUpSteps: 10, finalShare: 0.05 }

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-12, `${actual} is not ${expected}`)
}

schedule('rises in equal steps to the peak, then falls along half a cosine to the final share', () => {
  near(learningRateAt(0, 110, config), 0.01)
  near(learningRateAt(4, 110, config), 0.05)
  near(learningRateAt(9, 110, config), 0.1)
  near(learningRateAt(10, 110, config), 0.1)
  near(learningRateAt(60, 110, config), 0.1 * (0.05 + 0.95 / 2))
  near(learningRateAt(110, 110, config), 0.005)
  near(learningRateAt(5000, 110, config), 0.005)
})

schedule('starts at the peak without warm-up, and at zero length stays finite', () => {
  near(learningRateAt(0, 100, { ...config, warmUpSteps: 0 }), 0.1)
  assert.ok(Number.isFinite(learningRateAt(0, 0, { ...config, warmUpSteps: 0 })))
})

schedule('never falls before the peak, never rises after it, and stays in bounds', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 0, max: 320 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (totalSteps, warmUpSteps, finalShare) => {
        const rates = Array.from({ length: totalSteps + 5 }, (_, step) =>
          learningRateAt(step, totalSteps, { peak: 1, warmUpSteps, finalShare }),
        )
        for (const [step, rate] of rates.entries()) {
          assert.ok(rate >= 0 && rate <= 1)
          const before = rates[step - 1]
          if (before === undefined) continue
          if (step < warmUpSteps) assert.ok(rate > before)
          else if (step > warmUpSteps) assert.ok(rate <= before + 1e-12)
        }
      },
    ),
  )
})

schedule('refuses what is not a step', () => {
  for (const step of [-1, 0.5, Number.NaN]) {
    assert.throws(
      () => learningRateAt(step, 10, config),
      (error: unknown) => error instanceof ScheduleError,
    )
  }
})

schedule.run()
