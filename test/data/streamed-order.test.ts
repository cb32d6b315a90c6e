import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { StreamedOrder } from '../../src/data/streamed-order.ts'

const test = suite('StreamedOrder')

const settings = fc
  .record({
    seed: fc.nat(),
    shardLengths: fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 6 }),
    batchSize: fc.integer({ min: 1, max: 10 }),
    buffer: fc.integer({ min: 1, max: 30 }),
  })
  .filter(({ shardLengths, batchSize }) => shardLengths.reduce((sum, length) => sum + length, 0) >= batchSize)

test('takes full batches, in each epoch every sample at most once, and leaves out less than a batch', () => {
  fc.assert(
    fc.property(settings, fc.nat({ max: 4 }), (options, epoch) => {
      const order = new StreamedOrder(options)
      const seen = new Set<number>()
      for (let i = 0; i < order.stepsPerEpoch; i++) {
        const step = order.step(epoch * order.stepsPerEpoch + i)
        assert.is(step.epoch, epoch)
        assert.is(step.places.length, options.batchSize)
        for (const { sample } of step.places) seen.add(sample)
      }
      assert.is(seen.size, order.stepsPerEpoch * options.batchSize, 'none comes twice')
      assert.ok([...seen].every(sample => sample >= 0 && sample < order.length))
      assert.ok(order.length - seen.size < options.batchSize)
    }),
  )
})

test('cuts an epoch into windows of the buffer that hold each shard once, in a row', () => {
  fc.assert(
    fc.property(settings, fc.nat({ max: 4 }), (options, epoch) => {
      const order = new StreamedOrder(options)
      const next = options.shardLengths.map(() => 0)
      for (let window = 0; window < order.windowsPerEpoch; window++) {
        const ranges = order.window(epoch, window)
        const size = ranges.reduce((sum, { from, to }) => sum + to - from, 0)
        assert.is(size, Math.min(options.buffer, order.length - window * options.buffer))
        for (const { shard, from, to } of ranges) {
          assert.is(from, next[shard], 'a shard is read in its order')
          next[shard] = to
        }
      }
      assert.equal(next, options.shardLengths)
    }),
  )
})

test('finds every sample in its window at its place', () => {
  fc.assert(
    fc.property(settings, fc.nat({ max: 60 }), (options, step) => {
      const order = new StreamedOrder(options)
      const starts = options.shardLengths.map((_, shard) =>
        options.shardLengths.slice(0, shard).reduce((sum, length) => sum + length, 0),
      )
      const { epoch, places } = order.step(step)
      for (const { window, place, sample } of places) {
        const samples = order
          .window(epoch, window)
          .flatMap(({ shard, from, to }) =>
            Array.from({ length: to - from }, (_, offset) => (starts[shard] ?? 0) + from + offset),
          )
        assert.is(samples[place], sample)
      }
    }),
  )
})

test('gives a step the same samples whatever was asked for before', () => {
  fc.assert(
    fc.property(settings, fc.array(fc.nat({ max: 50 }), { minLength: 1 }), (options, steps) => {
      const used = new StreamedOrder(options)
      for (const step of steps) assert.equal(used.step(step), new StreamedOrder(options).step(step))
    }),
  )
})

test('reads shards in another order each epoch, and mixes what a window holds', () => {
  const options = { seed: 3, shardLengths: Array(8).fill(100), batchSize: 50, buffer: 200 }
  const order = new StreamedOrder(options)
  const shards = [0, 1, 2].map(epoch =>
    order
      .window(epoch, 0)
      .map(({ shard }) => shard)
      .join(),
  )
  assert.is(new Set(shards).size, 3)
  const { places } = order.step(0)
  assert.is(
    new Set(places.map(({ sample }) => Math.floor(sample / 100))).size,
    2,
    'a batch draws from the whole window',
  )
  assert.not.equal(new StreamedOrder({ ...options, seed: 4 }).step(0).places, places)
})

test('refuses steps that are none', () => {
  const order = new StreamedOrder({ seed: 1, shardLengths: [4], batchSize: 2, buffer: 2 })
  for (const step of [-1, 0.5, Number.NaN]) assert.throws(() => order.step(step), /whole numbers from 0/)
})

test.run()
