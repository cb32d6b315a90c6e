import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { MetricError } from '../../src/metrics/metric-error.ts'
import { PointBlock } from '../../src/metrics/point-block.ts'
import { assertSame } from '../support/same.ts'
import { thrownBy } from '../support/thrown.ts'

const test = suite('a block of points')

/** The metrics of a split, and what was measured of them at some steps. No fact has a metric called `__proto__`. */
const measured = fc
  .uniqueArray(
    fc.string().filter(name => name !== '__proto__'),
    { maxLength: 5 },
  )
  .chain(metrics =>
    fc.record({ metrics: fc.constant(metrics), rows: fc.array(fc.tuple(...metrics.map(() => fc.double()))) }),
  )

function filled(metrics: readonly string[], rows: readonly (readonly number[])[]): PointBlock {
  const block = new PointBlock(metrics)
  for (const [index, row] of rows.entries()) {
    block.push(
      2 * index + 5,
      index + 1,
      Object.fromEntries(metrics.map((metric, column) => [metric, row[column] ?? 0])),
    )
  }
  return block
}

function contents(block: PointBlock): unknown[] {
  return Array.from({ length: block.length }, (_, row) => [
    block.versionAt(row),
    block.stepAt(row),
    block.metrics.map((_metric, column) => block.valueAt(row, column)),
  ])
}

test('gives back what was measured, to the last bit, also when it was stored', () => {
  fc.assert(
    fc.property(measured, ({ metrics, rows }) => {
      const block = filled(metrics, rows)
      assertSame(contents(new PointBlock(metrics, block.store())), contents(block))
      for (const [index, row] of rows.entries()) {
        const values = Object.fromEntries(metrics.map((metric, column) => [metric, row[column] ?? 0]))
        assertSame(block.observationAt(index, 'train'), { split: 'train', step: index + 1, values })
      }
    }),
  )
})

test('takes the same metrics in the same order, until it is full', () => {
  const block = new PointBlock(['loss', 'scale'])
  assert.ok(block.suits(['loss', 'scale']))
  for (const others of [['scale', 'loss'], ['loss'], ['loss', 'scale', 'more']]) assert.not(block.suits(others))
  while (block.suits(['loss', 'scale'])) block.push(1, 1, { loss: 1, scale: 2 })
  assert.is(block.length, PointBlock.size / (8 * 4))
  assert.is(block.store().length, PointBlock.size)
  block.cut(3)
  assert.ok(block.suits(['loss', 'scale']))
  assert.is(block.length, 3)
})

test('takes one row of whatever width', () => {
  const metrics = Array.from({ length: PointBlock.size }, (_, index) => `layer-${index}`)
  const block = new PointBlock(metrics)
  block.push(1, 1, Object.fromEntries(metrics.map((metric, index) => [metric, index])))
  assert.is(block.valueAt(0, 99), 99)
  assert.not(block.suits(metrics))
})

test('is not made of other bytes', () => {
  const { message } = thrownBy(MetricError, () => new PointBlock(['loss'], new Uint8Array(25)))
  assert.match(message, 'points of 1 metrics cannot be made of 25 bytes; `chronograd replay` builds')
  thrownBy(MetricError, () => new PointBlock(['loss'], new Uint8Array(3 * 8 * PointBlock.size)))
})

test.run()
