import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { z } from 'zod'
import { count, real, reals } from '../../src/events/real.ts'
import { anyDouble, anyText } from '../support/arbitrary-data.ts'
import { assertSame } from '../support/same.ts'

const numbers = suite('real')

function throughJson(schema: z.ZodType, value: unknown): unknown {
  return z.decode(schema, JSON.parse(JSON.stringify(z.encode(schema, value))))
}

numbers('takes every double through JSON, bit for bit', () => {
  fc.assert(
    fc.property(anyDouble, value => assert.ok(Object.is(throughJson(real, value), value))),
    { numRuns: 2_000 },
  )
})

numbers('takes named doubles through JSON, bit for bit', () => {
  const names = anyText.filter(name => name !== '__proto__')
  fc.assert(
    fc.property(fc.dictionary(names, anyDouble, { noNullPrototype: true }), values =>
      assertSame(throughJson(reals, values), values),
    ),
  )
})

numbers('writes finite numbers as JSON numbers, and words only for those that JSON lacks', () => {
  const written = [0.1, -2, 0, Number.NaN, Infinity, -Infinity, -0].map(value => z.encode(real, value))
  assert.equal(JSON.stringify(written), '[0.1,-2,0,"NaN","Infinity","-Infinity","-0"]')
})

numbers('leaves text text, also where it looks like a number', () => {
  const named = z.strictObject({ name: z.string(), value: real })
  fc.assert(
    fc.property(anyText, anyDouble, (name, value) => assertSame(throughJson(named, { name, value }), { name, value })),
  )
})

numbers('accepts nothing but numbers from a writer, not even the words for them', () => {
  for (const wrong of ['NaN', '1', null, undefined, 1n, true, [1], {}]) {
    assert.not(z.safeEncode(real, wrong as never).success, `${String(wrong)} was accepted`)
  }
})

numbers('accepts no other words from the disk', () => {
  for (const wrong of ['nan', '', '1', '+0', null, true, [], 'toString']) {
    assert.not(z.safeDecode(real, wrong as never).success, `${String(wrong)} was accepted`)
  }
})

numbers('counts in whole numbers from 0 up', () => {
  for (const right of [0, 1, Number.MAX_SAFE_INTEGER]) assert.ok(count.safeParse(right).success)
  for (const wrong of [-1, 0.5, Number.NaN, Infinity, 2 ** 53, '1']) assert.not(count.safeParse(wrong).success)
})
numbers.run()
