import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { progressLine } from '../../src/cli/progress-line.ts'

const line = suite('progressLine')

const number = fc.oneof(fc.double({ min: 0 }), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 1e300))
const progress = fc.record({
  step: fc.nat(),
  totalSteps: fc.nat(),
  epoch: fc.nat(),
  epochs: fc.nat(),
  latest: fc.option(
    fc.record({
      loss: number,
      learningRate: number,
      examplesPerSecond: number,
      dataWait: number,
      millisecondsLeft: number,
    }),
    { nil: undefined },
  ),
})

line('is one line that fits, whatever is told and however wide the terminal is', () => {
  fc.assert(
    fc.property(progress, fc.integer({ min: 0, max: 300 }), ({ latest, ...told }, width) => {
      const text = progressLine({ ...told, ...(latest && { latest }) }, width)
      assert.ok([...text].length <= width, text)
      assert.not.match(text, /\p{Cc}/u)
    }),
  )
})

line('tells everything where there is room, and the loss last of all where there is none', () => {
  const latest = { loss: 0.5, learningRate: 1e-3, examplesPerSecond: 100, dataWait: 0.1, millisecondsLeft: 5_000 }
  const told = { step: 5, totalSteps: 10, epoch: 1, epochs: 2, latest }
  const whole = '50 %  epoch 1/2  step 5/10  loss 0.500  lr 1.0e-3  100/s  data 10.0 %  5 s left'
  assert.is(progressLine(told, 200), `${'█'.repeat(12)}${'░'.repeat(12)} ${whole}`)
  assert.is(progressLine(told, 12), 'loss 0.500')
})

line.run()
