import fc from 'fast-check'
import { z } from 'zod'

/** Any double at all: every bit pattern, so subnormals, infinities, `NaN` and `-0` come often. */
export const anyDouble: fc.Arbitrary<number> = fc.oneof(
  fc.double(),
  fc.constantFrom(Number.NaN, Infinity, -Infinity, -0, 0, Number.MIN_VALUE, Number.MAX_VALUE),
  fc
    .tuple(fc.nat({ max: 0xffffffff }), fc.nat({ max: 0xffffffff }))
    .map(words => new DataView(new Uint32Array(words).buffer).getFloat64(0)),
)

/** Any text, also one that looks like a number that JSON lacks. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('NaN', 'Infinity', '-0', 'null', '"', '\\', '\u0000'),
)

/** Any data that fits a schema made of the pieces that events are made of. */
export function arbitraryData(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
  // The only codec that events are made of is `real`.
  if (schema instanceof z.ZodCodec) return anyDouble
  if (schema instanceof z.ZodObject) {
    const fields = Object.entries(schema.shape).map(([name, field]) => [name, arbitraryData(field)] as const)
    const requiredKeys = Object.keys(schema.shape).filter(name => !(schema.shape[name] instanceof z.ZodOptional))
    return fc.record(Object.fromEntries(fields), { requiredKeys, noNullPrototype: true })
  }
  if (schema instanceof z.ZodRecord) return fc.dictionary(key, arbitraryData(schema.valueType), plain)
  if (schema instanceof z.ZodArray) return fc.array(arbitraryData(schema.element), { maxLength: 4 })
  if (schema instanceof z.ZodOptional) return arbitraryData(schema.unwrap())
  if (schema instanceof z.ZodNullable) return fc.option(arbitraryData(schema.unwrap()))
  if (schema instanceof z.ZodEnum) return fc.constantFrom(...schema.options)
  if (schema instanceof z.ZodBoolean) return fc.boolean()
  if (schema instanceof z.ZodString) return anyText.filter(text => schema.safeParse(text).success)
  if (schema instanceof z.ZodNumber) {
    const min = schema.minValue ?? undefined
    return schema.isInt
      ? fc.maxSafeInteger().map(value => Math.max(value, min ?? value))
      : fc.double({ min: min ?? -Number.MAX_VALUE, noNaN: true, noDefaultInfinity: true })
  }
  if (schema instanceof z.ZodLazy) {
    return fc.jsonValue().map(value => JSON.parse(JSON.stringify(value).replaceAll('__proto__', 'proto')))
  }
  throw new TypeError(`There is no arbitrary for the schema ${schema.constructor.name}; add one here.`)
}

const plain = { maxKeys: 4, noNullPrototype: true }

/** zod leaves `__proto__` out of a record. */
const key = anyText.filter(text => text !== '__proto__')
