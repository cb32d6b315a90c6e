import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { TrainingOrder } from '../../src/data/training-order.ts'

const test = suite('TrainingOrder')

const settings = fc.record({
  seed: fc.nat(),
  samples: fc.uniqueArray(fc.nat(), { minLength: 1, maxLength: 40 }).map(list => Uint32Array.from(list)),
  batchSize: fc.integer({ min: 1, max: 10 }),
})

test('takes full batches, in each epoch every sample at most once, and leaves out less than a batch', () => {
  fc.assert(
    fc.property(settings, fc.nat({ max: 5 }), ({ seed, samples, batchSize }, epoch) => {
      fc.pre(batchSize <= samples.length)
      const order = new TrainingOrder({ seed, samples, batchSize })
      const seen = new Set<number>()
      for (let i = 0; i < order.stepsPerEpoch; i++) {
        const step = order.step(epoch * order.stepsPerEpoch + i)
        assert.is(step.epoch, epoch)
        assert.is(step.samples.length, batchSize)
        for (const sample of step.samples) seen.add(sample)
      }
      assert.is(seen.size, order.stepsPerEpoch * batchSize, 'none comes twice')
      assert.ok([...seen].every(sample => samples.includes(sample)))
      assert.ok(samples.length - seen.size < batchSize)
    }),
  )
})

test('gives a step the same samples whatever was asked for before', () => {
  fc.assert(
    fc.property(settings, fc.array(fc.nat({ max: 50 }), { minLength: 1 }), (options, steps) => {
      fc.pre(options.batchSize <= options.samples.length)
      const used = new TrainingOrder(options)
      for (const step of steps) assert.equal(used.step(step), new TrainingOrder(options).step(step))
    }),
  )
})

test('orders each epoch and each seed differently', () => {
  const samples = Uint32Array.from({ length: 50 }, (_, index) => index)
  const epochs = [1, 2].flatMap(seed => {
    const order = new TrainingOrder({ seed, samples, batchSize: 50 })
    return [0, 1, 2].map(epoch => order.step(epoch).samples.join())
  })
  assert.is(new Set(epochs).size, 6)
})

test('refuses what is no step', () => {
  const order = new TrainingOrder({ seed: 1, samples: Uint32Array.of(0, 1), batchSize: 1 })
  for (const step of [-1, 0.5, Number.NaN]) assert.throws(() => order.step(step), RangeError)
})

test.run()
