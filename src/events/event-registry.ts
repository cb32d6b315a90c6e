import { z } from 'zod'
import { describeError } from '../errors/chronograd-error.ts'
import type { EventDefinition } from './define-event.ts'
import {
  type EventPlace,
  InvalidEventError,
  NewerEventError,
  tellIssues,
  UnknownEventTypeError,
  UnreadableEventError,
} from './event-errors.ts'
import { eventMetaSchema, type NewEvent } from './recorded-event.ts'

/** An event's checked data and meta as JSON texts, ready to be stored. */
export interface EncodedEvent {
  readonly schema: number
  readonly data: string
  readonly meta: string
  /** Whether its append must reach the disk before it counts. */
  readonly durable: boolean
}

/** The data of a stored event, and what is needed to read it. */
export interface StoredData extends EventPlace {
  readonly schema: number
  readonly data: string
}

/** Knows a set of event types: checks and encodes what is written, upcasts, checks and decodes what is read. */
export class EventRegistry {
  readonly #definitions: ReadonlyMap<string, EventDefinition>
  /** The schemas again, compiled: reading a long history is mostly this, and it is five times as quick. */
  readonly #decoders = new Map<string, z.ZodType>()

  constructor(definitions: Iterable<EventDefinition>) {
    const known = new Map<string, EventDefinition>()
    for (const definition of definitions) {
      if (known.has(definition.type)) throw new TypeError(`The event type ${definition.type} is defined twice.`)
      known.set(definition.type, definition)
    }
    this.#definitions = known
  }

  /** @throws UnknownEventTypeError, InvalidEventError */
  encode({ type, data, meta = {} }: NewEvent): EncodedEvent {
    const definition = this.#definitions.get(type)
    if (definition === undefined) throw new UnknownEventTypeError(type)
    const checkedData = z.safeEncode(definition.schema, data)
    if (!checkedData.success) throw new InvalidEventError(type, 'data', checkedData.error)
    const checkedMeta = eventMetaSchema.safeParse(meta)
    if (!checkedMeta.success) throw new InvalidEventError(type, 'meta', checkedMeta.error)
    return {
      schema: definition.version,
      data: JSON.stringify(checkedData.data),
      meta: JSON.stringify(checkedMeta.data),
      durable: definition.durable,
    }
  }

  /**
   * Lifts stored JSON text to the current schema version and checks it. Data of an unknown type is given as it was
   * stored: a reader may skip what it does not know.
   *
   * @throws NewerEventError, UnreadableEventError
   */
  decode(stored: StoredData): unknown {
    const definition = this.#definitions.get(stored.type)
    if (definition === undefined) return parseJson(stored)
    if (stored.schema > definition.version) throw new NewerEventError(stored, stored.schema, definition.version)
    // What z.safeDecode does, without its second look at the result.
    const decoded = this.#decoder(definition).safeParse(upcast(definition, stored))
    if (!decoded.success) throw new UnreadableEventError(stored, tellIssues('data', decoded.error))
    return decoded.data
  }

  #decoder(definition: EventDefinition): z.ZodType {
    let decoder = this.#decoders.get(definition.type)
    if (decoder === undefined) {
      decoder = z.compile(definition.schema)
      this.#decoders.set(definition.type, decoder)
    }
    return decoder
  }
}

function upcast(definition: EventDefinition, stored: StoredData): unknown {
  let data = parseJson(stored)
  for (let version = stored.schema; version < definition.version; version++) {
    const lift = definition.upcasters[version]
    if (lift === undefined) throw new UnreadableEventError(stored, `there is no schema version ${version}`)
    try {
      data = lift(data)
    } catch (cause) {
      const reason = `lifting it from schema version ${version} failed (${describeError(cause)})`
      throw new UnreadableEventError(stored, reason, { cause })
    }
  }
  return data
}

function parseJson(stored: StoredData): unknown {
  try {
    return JSON.parse(stored.data)
  } catch (cause) {
    throw new UnreadableEventError(stored, 'its data is not JSON', { cause })
  }
}
