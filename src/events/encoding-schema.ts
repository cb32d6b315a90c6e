import { z } from 'zod'

type Schema = z.core.$ZodTypes

/**
 * The schema whose parsing is what encoding by another one is: its codecs are turned round, and all else is the same both
 * ways. Zod compiles parsing only.
 *
 * @returns undefined where a part is of a kind of which this is not known, such as one that changes what it is given
 */
export function encodingSchema(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  const { def } = schema._zod as Schema['_zod']
  if (def.checks?.some(({ _zod }) => mayChange.has(_zod.def.check))) return undefined
  switch (def.type) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'null':
    case 'nan':
    case 'literal':
    case 'enum':
      return schema
    case 'nullable':
    case 'optional':
      return withParts(schema, { innerType: encodingSchema(def.innerType) })
    case 'array':
      return withParts(schema, { element: encodingSchema(def.element) })
    case 'record':
      return withParts(schema, { keyType: encodingSchema(def.keyType), valueType: encodingSchema(def.valueType) })
    case 'union': {
      const options = encodingSchemas(def.options)
      return 'discriminator' in def ? undefined : withParts(schema, { options })
    }
    case 'object': {
      const names = Object.keys(def.shape)
      const parts = encodingSchemas(Object.values(def.shape))
      const shape = parts && Object.fromEntries(names.map((name, index) => [name, parts[index]]))
      return isStrict(def) ? withParts(schema, { shape }) : undefined
    }
    case 'pipe': {
      if (!(schema instanceof z.ZodCodec)) return undefined
      const turned = withParts(schema, { in: encodingSchema(def.in), out: encodingSchema(def.out) })
      return turned && z.invertCodec(turned)
    }
    default:
      return undefined
  }
}

/** Checks that may give another value than they were given, or look at anything. */
const mayChange: ReadonlySet<string> = new Set(['overwrite', 'custom'])

function isStrict({ catchall }: z.core.$ZodObjectDef): boolean {
  return catchall?._zod.def.type === 'never'
}

function encodingSchemas(schemas: readonly z.core.$ZodType[]): z.core.$ZodType[] | undefined {
  const parts = schemas.map(encodingSchema)
  return parts.every(part => part !== undefined) ? parts : undefined
}

/** The same schema of other parts, where all of them are there. */
function withParts<Each extends z.core.$ZodType>(
  schema: Each,
  parts: Readonly<Record<string, unknown>>,
): Each | undefined {
  if (Object.values(parts).includes(undefined)) return undefined
  return z.core.clone(schema, { ...schema._zod.def, ...parts })
}
