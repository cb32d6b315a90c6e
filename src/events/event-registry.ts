import { z } from 'zod'
import { describeError } from '../errors/chronograd-error.ts'
import type { EventDefinition } from './define-event.ts'
import { encodingSchema } from './encoding-schema.ts'
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
  readonly #kinds = new Map<string, Kind>()

  constructor(definitions: Iterable<EventDefinition>) {
    for (const definition of definitions) {
      const { type } = definition
      if (this.#kinds.has(type)) throw new TypeError(`The event type ${type} is defined twice.`)
      this.#kinds.set(type, Kind.of(definition))
    }
  }

  /** @throws UnknownEventTypeError, InvalidEventError */
  encode({ type, data, meta = {} }: NewEvent): EncodedEvent {
    const kind = this.#kinds.get(type)
    if (kind === undefined) throw new UnknownEventTypeError(type)
    const checkedData = kind.encode(data)
    if (!checkedData.success) throw new InvalidEventError(type, 'data', checkedData.error)
    checkMeta ??= decoderOf(eventMetaSchema)
    const checkedMeta = checkMeta(meta)
    if (!checkedMeta.success) throw new InvalidEventError(type, 'meta', checkedMeta.error)
    return {
      schema: kind.definition.version,
      data: JSON.stringify(checkedData.data),
      meta: JSON.stringify(checkedMeta.data),
      durable: kind.definition.durable,
    }
  }

  /**
   * Lifts stored JSON text to the current schema version and checks it. Data of an unknown type is given as it was
   * stored: a reader may skip what it does not know.
   *
   * @throws NewerEventError, UnreadableEventError
   */
  decode(stored: StoredData): unknown {
    const kind = this.#kinds.get(stored.type)
    if (kind === undefined) return parseJson(stored)
    const { version } = kind.definition
    if (stored.schema > version) throw new NewerEventError(stored, stored.schema, version)
    const decoded = kind.decode(upcast(kind.definition, stored))
    if (!decoded.success) throw new UnreadableEventError(stored, tellIssues('data', decoded.error))
    return decoded.data
  }
}

type Check = (data: unknown) => z.ZodSafeParseResult<unknown>

/** What is known beside the data is the same both ways. Made when it is first needed, as those of the data are. */
let checkMeta: Check | undefined

/**
 * A type of event with its schema compiled for both ways when it is first needed: reading a long history is mostly this,
 * and it is five times as quick.
 */
class Kind {
  /** Compiled code is slow until it has run for a while, so whoever opens several journals has one of each. */
  static readonly #known = new WeakMap<EventDefinition, Kind>()
  readonly definition: EventDefinition
  #decode: Check | undefined
  #encode: Check | undefined

  private constructor(definition: EventDefinition) {
    this.definition = definition
  }

  static of(definition: EventDefinition): Kind {
    const kind = Kind.#known.get(definition) ?? new Kind(definition)
    Kind.#known.set(definition, kind)
    return kind
  }

  decode(data: unknown): z.ZodSafeParseResult<unknown> {
    this.#decode ??= decoderOf(this.definition.schema)
    return this.#decode(data)
  }

  encode(data: unknown): z.ZodSafeParseResult<unknown> {
    this.#encode ??= encoderOf(this.definition.schema)
    return this.#encode(data)
  }
}

/** What `z.safeDecode` does, without its second look at the result. */
function decoderOf(schema: z.ZodType): Check {
  const compiled = z.compile(schema)
  return data => compiled.safeParse(data)
}

/** What `z.safeEncode` does, which also says what is wrong. */
function encoderOf(schema: z.ZodType): Check {
  const turned = encodingSchema(schema)
  if (turned === undefined) return data => z.safeEncode(schema, data)
  const compiled = z.compile(turned as z.ZodType)
  return data => {
    const encoded = compiled.safeParse(data)
    return encoded.success ? encoded : z.safeEncode(schema, data)
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
