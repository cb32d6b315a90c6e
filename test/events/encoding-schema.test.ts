import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { z } from 'zod'
import { encodingSchema } from '../../src/events/encoding-schema.ts'
import { real } from '../../src/events/real.ts'
import { trainingEvents } from '../../src/events/training-events.ts'
import { anyDouble, anyText, arbitraryData } from '../support/arbitrary-data.ts'

const test = suite('encodingSchema')

function encoderOf(schema: z.core.$ZodType): z.ZodType {
  const turned = encodingSchema(schema)
  assert.ok(turned, 'nothing was turned round')
  return z.compile(turned as z.ZodType)
}

/** Whatever may stand where something else should. */
const anything: fc.Arbitrary<unknown> = fc.oneof(
  anyDouble,
  anyText,
  fc.constantFrom(null, undefined, true, 0, 1, -1, 1.5),
  fc.constant([]).map(list => [...list]),
  fc.constant({}).map(object => ({ ...object })),
)

/** A way into nested data, and what to do there. */
const damage = fc.record({
  way: fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 4 }),
  deed: fc.constantFrom('replace', 'remove', 'add'),
  value: anything,
})

/** Does something wrong, or nothing, at one place of the data. */
function damaged(data: unknown, [first = 0, ...way]: readonly number[], deed: string, value: unknown): unknown {
  if (typeof data !== 'object' || data === null) return value
  const copy = (Array.isArray(data) ? [...data] : { ...data }) as Record<string, unknown>
  const keys = Object.keys(copy)
  const key = keys[first % Math.max(1, keys.length)]
  if (key === undefined || deed === 'add') copy.more = value
  else if (way.length > 0) copy[key] = damaged(copy[key], way, deed, value)
  else if (deed === 'remove') delete copy[key]
  else copy[key] = value
  return copy
}

function assertSameEncoding(schema: z.ZodType, data: unknown): void {
  const should = z.safeEncode(schema, data)
  const is = encoderOf(schema).safeParse(data)
  assert.is(is.success, should.success)
  assert.is(JSON.stringify(is.data), JSON.stringify(should.data))
}

for (const { type, schema } of trainingEvents) {
  // It holds what a data source says of itself, which may be any JSON.
  if (type === 'run.created') continue

  test(`gives the very text of ${type} that encoding gives`, () => {
    fc.assert(fc.property(arbitraryData(schema), data => assertSameEncoding(schema, data)))
  })

  test(`refuses what encoding ${type} refuses`, () => {
    fc.assert(
      fc.property(arbitraryData(schema), damage, (data, { way, deed, value }) =>
        assertSameEncoding(schema, damaged(data, way, deed, value)),
      ),
    )
  })
}

test('keeps to bounds, unions and what may be left out', () => {
  const schema = z.strictObject({
    small: z.number().max(3),
    either: z.union([z.string().min(2), real]).optional(),
    tag: z.literal(['a', 'b']).nullable(),
  })
  for (const data of [
    { small: 3, either: -0, tag: null },
    { small: 3, either: Number.NaN, tag: 'a' },
    { small: 3, either: 'NaN', tag: 'b' },
    { small: 3, tag: 'b' },
    { small: 4, tag: 'b' },
    { small: 1, either: 'x', tag: 'a' },
    { small: 1, tag: 'c' },
  ])
    assertSameEncoding(schema, data)
})

const untold: [what: string, schema: z.ZodType][] = [
  ['a text that is trimmed', z.string().trim()],
  ['a check of its own', z.number().refine(value => value > 1)],
  ['a default', z.number().default(1)],
  ['a transformation', z.string().transform(text => text.length)],
  ['an object that takes more than it names', z.looseObject({ more: real })],
  ['an object that drops what it does not name', z.object({ less: real })],
  ['one that names itself', z.lazy(() => z.number())],
]

for (const [what, schema] of untold) {
  test(`leaves ${what} to encoding, wherever it lies`, () => {
    assert.is(encodingSchema(schema), undefined)
    assert.is(encodingSchema(z.strictObject({ part: z.array(schema.nullable()) })), undefined)
    assert.is(encodingSchema(z.record(z.string(), z.union([real, schema]))), undefined)
  })
}

test.run()
