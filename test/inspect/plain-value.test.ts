import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { payloadLimits, plainValue } from '../../src/inspect/plain-value.ts'

const test = suite('inspect: values as messages have them')

test('what JSON has is told as it is', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), value => {
      const limits = { ...payloadLimits, values: 1e6, breadth: 1e6, text: 1e6 }
      assert.is(JSON.stringify(plainValue(value, limits)), JSON.stringify(value))
    }),
  )
})

test('whatever a value is, it is told, and what is told is small', () => {
  const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true })
  fc.assert(
    fc.property(anything, value => {
      assert.ok((JSON.stringify(plainValue({ value })) ?? '').length < 2_500_000)
    }),
  )
})

test('what JSON lacks is told in words', () => {
  const cyclic: Record<string, unknown> = { name: 'itself' }
  cyclic.self = cyclic
  const hostile = {
    get broken(): never {
      throw new Error('no')
    },
  }
  assert.equal(
    JSON.parse(
      JSON.stringify(
        plainValue({
          cyclic,
          hostile,
          big: 12n,
          none: Number.NaN,
          call: function named() {},
          map: new Map([['one', 1]]),
          error: new TypeError('wrong'),
          weights: new Float32Array(1_000),
        }),
      ),
    ),
    {
      cyclic: { name: 'itself', self: '[Circular]' },
      hostile: '[cannot be read: no]',
      big: '12n',
      none: 'NaN',
      call: { type: 'named' },
      map: { '[Map]': [['one', 1]] },
      error: { name: 'TypeError', message: 'wrong' },
      weights: [...new Array(100).fill(0), '[900 more]'],
    },
  )
})

test('what is large is cut, and says so', () => {
  const told = plainValue({
    text: 'a'.repeat(5_000),
    wide: Object.fromEntries(Array.from({ length: 200 }, (_, n) => [n, n])),
  })
  assert.match(JSON.stringify(told), '[3000 more characters]')
  assert.match(JSON.stringify(told), '[100 more]')
  let deep: unknown = 'the bottom'
  for (let level = 0; level < 20; level++) deep = { deep }
  assert.match(JSON.stringify(plainValue(deep)), '[Object]')
  const bush = (depth: number): unknown => (depth === 0 ? 0 : Array.from({ length: 30 }, () => bush(depth - 1)))
  const bushy = JSON.stringify(plainValue(bush(4)))
  assert.ok(bushy.length < 50_000)
  assert.match(bushy, 'more]')
})

test.run()
