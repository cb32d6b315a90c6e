import type Database from 'better-sqlite3'
import type { EventRegistry } from '../events/event-registry.ts'
import type { RecordedEvent } from '../events/recorded-event.ts'
import type { HashedFields } from './hash-chain.ts'

/** Which events to read. Bounds are versions where a stream is named, and positions in the whole journal otherwise. */
export interface ReadOptions {
  readonly stream?: string
  /** Only events after this version or position; from the first unless given. */
  readonly after?: number
  /** Only events up to and including this version or position. */
  readonly until?: number
  /** Only events of these types. */
  readonly types?: readonly string[]
  /** At most so many events. */
  readonly limit?: number
}

/** An event exactly as it is stored. */
export interface StoredEvent extends HashedFields {
  readonly position: number
  readonly hash: Buffer
}

/** A page is read whole, so that no statement stays open while its events are handled and memory stays flat. */
const pageSize = 500

/** Reads events in order, page by page. */
export class EventReader {
  readonly #database: Database.Database
  readonly #registry: EventRegistry
  readonly #statements = new Map<string, Database.Statement<[Record<string, unknown>], StoredEvent>>()

  constructor(database: Database.Database, registry: EventRegistry) {
    this.#database = database
    this.#registry = registry
  }

  /** Events as recorded, lifted to the current schemas. */
  *read(options: ReadOptions): Generator<RecordedEvent, void, undefined> {
    for (const stored of this.readStored(options)) yield this.#recorded(stored)
  }

  /** One page at most: the next events, as an array. */
  readPage(options: ReadOptions, size = pageSize): RecordedEvent[] {
    return this.#page(options, options.after ?? 0, size).map(stored => this.#recorded(stored))
  }

  /** Events exactly as they are stored: neither upcast nor checked. */
  *readStored(options: ReadOptions): Generator<StoredEvent, void, undefined> {
    let after = options.after ?? 0
    let left = options.limit ?? Number.POSITIVE_INFINITY
    while (left > 0) {
      const size = Math.min(pageSize, left)
      const page = this.#page(options, after, size)
      yield* page
      const last = page.at(-1)
      if (last === undefined || page.length < size) return
      after = options.stream === undefined ? last.position : last.version
      left -= page.length
    }
  }

  #page({ stream, until, types }: ReadOptions, after: number, size: number): StoredEvent[] {
    // One range scan on the primary key, or on the index over (stream, version): never an OR.
    const bound = stream === undefined ? 'position' : 'version'
    const sql = [
      `SELECT * FROM events WHERE ${bound} > @after`,
      stream === undefined ? '' : 'AND stream = @stream',
      until === undefined ? '' : `AND ${bound} <= @until`,
      types === undefined ? '' : 'AND type IN (SELECT value FROM json_each(@types))',
      `ORDER BY ${bound} LIMIT @size`,
    ].join(' ')
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#database.prepare<[Record<string, unknown>], StoredEvent>(sql)
      this.#statements.set(sql, statement)
    }
    return statement.all({ stream, after, until, types: types && JSON.stringify(types), size })
  }

  #recorded({ position, stream, version, id, type, schema, at, data, meta, hash }: StoredEvent): RecordedEvent {
    return {
      position,
      stream,
      version,
      id,
      type,
      at,
      data: this.#registry.decode(type, schema, data),
      meta: JSON.parse(meta) as RecordedEvent['meta'],
      hash: hash.toString('hex'),
    }
  }
}
