import { z } from 'zod'
import type { EventDefinition } from './define-event.ts'
import { InvalidEventError, NewerEventError, UnknownEventTypeError } from './event-errors.ts'

/** Knows a set of event types: checks and encodes what is written, upcasts, checks and decodes what is read. */
export class EventRegistry {
  readonly #definitions: ReadonlyMap<string, EventDefinition>

  constructor(definitions: Iterable<EventDefinition>) {
    const known = new Map<string, EventDefinition>()
    for (const definition of definitions) {
      if (known.has(definition.type)) throw new TypeError(`The event type ${definition.type} is defined twice.`)
      known.set(definition.type, definition)
    }
    this.#definitions = known
  }

  has(type: string): boolean {
    return this.#definitions.has(type)
  }

  /**
   * Checks an event's data and gives the JSON text to store, the schema version it is written under and whether its
   * append must reach the disk before it counts.
   *
   * @throws UnknownEventTypeError, InvalidEventError
   */
  encode(type: string, data: unknown): { schema: number; json: string; durable: boolean } {
    const definition = this.#definitions.get(type)
    if (definition === undefined) throw new UnknownEventTypeError(type)
    const checked = z.safeEncode(definition.schema, data)
    if (!checked.success) throw new InvalidEventError(type, checked.error, 'refused')
    return { schema: definition.version, json: JSON.stringify(checked.data), durable: definition.durable }
  }

  /**
   * Lifts stored JSON text to the current schema version and checks it. Data of an unknown type is given as it was
   * stored: a reader may skip what it does not know.
   *
   * @throws NewerEventError, InvalidEventError
   */
  decode(type: string, schema: number, json: string): unknown {
    const definition = this.#definitions.get(type)
    let data: unknown = JSON.parse(json)
    if (definition === undefined) return data
    if (schema > definition.version) throw new NewerEventError(type, schema, definition.version)
    for (let version = schema; version < definition.version; version++) data = definition.upcasters[version]?.(data)
    const checked = z.safeDecode(definition.schema, data as never)
    if (!checked.success) throw new InvalidEventError(type, checked.error, 'unreadable')
    return checked.data
  }
}
