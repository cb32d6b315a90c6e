import type { z } from 'zod'

/** Turns the data of one schema version, as it was stored, into that of the next. */
export type Upcaster = (data: unknown) => unknown

/** What there is to know about one type of event. */
export interface EventDefinition<Type extends string = string, Schema extends z.ZodType = z.ZodType> {
  readonly type: Type
  /** What the event says, in a sentence for the events reference. */
  readonly description: string
  /** The current version of the schema, from 1. It rises when stored data would no longer fit. */
  readonly version: number
  readonly schema: Schema
  /** Whether others rely on it at once, so that its append waits until the disk has it. */
  readonly durable: boolean
  /** `upcasters[n]` lifts stored data from version n to n + 1; there is one for every version before the current. */
  readonly upcasters: Readonly<Record<number, Upcaster>>
}

/** The fact that a definition describes, as it is appended. */
export type FactOf<Definition> =
  Definition extends EventDefinition<infer Type, infer Schema>
    ? { readonly type: Type; readonly data: z.infer<Schema> }
    : never

/**
 * Defines a type of event.
 *
 * @throws TypeError when an upcaster is missing for a version before the current one
 * @example
 * const lampLit = defineEvent({ type: 'lamp.lit', description: 'A lamp was lit.', schema: z.strictObject({ lamp: z.string() }) })
 */
export function defineEvent<const Type extends string, Schema extends z.ZodType>(definition: {
  type: Type
  description: string
  schema: Schema
  version?: number
  durable?: boolean
  upcasters?: Readonly<Record<number, Upcaster>>
}): EventDefinition<Type, Schema> {
  const { version = 1, durable = false, upcasters = {} } = definition
  for (let old = 1; old < version; old++) {
    if (upcasters[old] === undefined) {
      throw new TypeError(`${definition.type} is at version ${version} but has no upcaster from version ${old}.`)
    }
  }
  return { ...definition, version, durable, upcasters }
}
