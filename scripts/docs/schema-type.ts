import { z } from 'zod'
import { code } from './markdown.ts'

/** A field of an object's schema. */
export interface Field {
  readonly name: string
  readonly schema: z.ZodType
  readonly type: string
  /** Undefined where the schema says none. */
  readonly description: string | undefined
  /** The object inside of it, bare or nullable or in a list, with what its place adds to the path (`[]`). */
  readonly inner: { readonly object: z.ZodObject; readonly suffix: string } | undefined
}

/** The fields of an object's schema in the order in which they are defined. */
export function fieldsOf(object: z.ZodObject): Field[] {
  return Object.entries(object.shape).map(([name, field]) => {
    const schema = field as z.ZodType
    return { name, schema, type: typeOf(schema), description: descriptionOf(schema), inner: innerObject(schema) }
  })
}

function innerObject(schema: z.ZodType): Field['inner'] {
  if (schema instanceof z.ZodObject) return { object: schema, suffix: '' }
  const wrapped = unwrap(schema)
  if (wrapped !== undefined) return innerObject(wrapped)
  if (!(schema instanceof z.ZodArray)) return undefined
  const inner = innerObject(schema.element as z.ZodType)
  return inner && { object: inner.object, suffix: `[]${inner.suffix}` }
}

function descriptionOf(schema: z.ZodType): string | undefined {
  const wrapped = unwrap(schema)
  return schema.description ?? (wrapped && descriptionOf(wrapped))
}

/** What a nullable, an optional or a default is around. */
export function unwrap(schema: z.ZodType): z.ZodType | undefined {
  const isWrapper =
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  return isWrapper ? (schema.unwrap() as z.ZodType) : undefined
}

/** A schema in words: `whole number from 1`, `text`, `list of texts`. */
export function typeOf(schema: z.ZodType): string {
  // The only codec of the code is `real`.
  if (schema instanceof z.ZodCodec) return 'real number'
  if (schema instanceof z.ZodNullable) return `${typeOf(schema.unwrap() as z.ZodType)}, or ${code('null')}`
  if (schema instanceof z.ZodOptional) return `${typeOf(schema.unwrap() as z.ZodType)}, or nothing`
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) return typeOf(schema.unwrap() as z.ZodType)
  if (schema instanceof z.ZodObject) return 'object'
  if (schema instanceof z.ZodArray) return `list of ${plural(typeOf(schema.element as z.ZodType))}`
  if (schema instanceof z.ZodRecord) return `object of ${plural(typeOf(schema.valueType as z.ZodType))} by name`
  if (schema instanceof z.ZodTuple) return schema.def.items.length === 2 ? 'pair of numbers' : 'list of 3 numbers'
  if (schema instanceof z.ZodEnum) return schema.options.map(option => code(String(option))).join(', ')
  if (schema instanceof z.ZodLiteral) return [...schema.values].map(value => code(String(value))).join(', ')
  if (schema instanceof z.ZodBoolean) return '`true` or `false`'
  if (schema instanceof z.ZodString) return 'text'
  if (schema instanceof z.ZodNumber) return numberType(schema)
  if (schema instanceof z.ZodUnion) return schema.options.map(option => shapeOf(option as z.ZodType)).join(' or ')
  if (schema instanceof z.ZodLazy) return 'any JSON'
  throw new TypeError(`There are no words for the schema ${schema.constructor.name}; add them in schema-type.ts.`)
}

function plural(type: string): string {
  return type.replace(/^(text|object|(whole |real )?number)/, '$1s')
}

/** One choice of a union, as it would be written: `{ epochs: n }`. */
function shapeOf(schema: z.ZodType): string {
  if (!(schema instanceof z.ZodObject)) return typeOf(schema)
  return code(
    `{ ${Object.keys(schema.shape)
      .map(name => `${name}: n`)
      .join(', ')} }`,
  )
}

function numberType(schema: z.ZodNumber): string {
  const kind = schema.isInt ? 'whole number' : 'number'
  const limits = (schema.def.checks ?? []).flatMap(check => {
    const limit = limitSchema.safeParse(check._zod.def).data
    if (limit === undefined) return []
    const { check: side, value, inclusive } = limit
    if (side === 'greater_than') return [inclusive ? `from ${value}` : `above ${value}`]
    return [inclusive ? `to ${value}` : `below ${value}`]
  })
  return [kind, ...limits].join(' ')
}

const limitSchema = z.object({
  check: z.enum(['greater_than', 'less_than']),
  value: z.number(),
  inclusive: z.boolean(),
})
