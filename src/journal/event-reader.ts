import type Database from 'better-sqlite3'
import { UnreadableEventError } from '../events/event-errors.ts'
import type { EventRegistry } from '../events/event-registry.ts'
import type { EventMeta, RecordedEvent } from '../events/recorded-event.ts'
import { ArchiveReader } from './archive/archive-reader.ts'
import { isRare } from './frequent-types.ts'
import { boundOf, type PageQuery, pageQuery } from './page-query.ts'
import { reading } from './reading.ts'
import { eventColumns, type StoredEvent, type StoredRow, storedEvent } from './stored-event.ts'

/** Which events to read. Bounds are versions where a stream is named, and positions in the whole journal otherwise. */
export interface ReadOptions {
  readonly stream?: string
  /** Only events after this version or position; from the first unless given. */
  readonly after?: number
  /** Only events up to and including this version or position. */
  readonly until?: number
  /** Only events of these types. */
  readonly types?: readonly string[]
  /** From the last to the first; the bounds stay what they are. */
  readonly backwards?: boolean
  /** At most so many events. */
  readonly limit?: number
}

/** A page is read whole, so that no statement stays open while its events are handled and memory stays flat. */
export const pageSize = 500

/** The first page is small, for whoever only looks for the next event of some kind; those after it grow so many times. */
const [firstPageSize, growth] = [8, 8]

/** Reads events in order, page by page. */
export class EventReader {
  readonly #database: Database.Database
  readonly #registry: EventRegistry
  readonly #queries = new Map<string, Database.Statement<[PageQuery['parameters']], StoredRow>>()
  readonly #archive: ArchiveReader
  #meta: { readonly text: string; readonly value: EventMeta } = { text: '{}', value: Object.freeze({}) }
  readonly #selectById: Database.Statement<[string], StoredRow>
  readonly #selectHead: Database.Statement<[], number>
  readonly #selectVersion: Database.Statement<[string], number>
  readonly #selectRareTypes: Database.Statement<[{ stream: string }], string>

  constructor(database: Database.Database, registry: EventRegistry) {
    this.#database = database
    this.#registry = registry
    this.#archive = new ArchiveReader(database)
    this.#selectById = database.prepare<[string], StoredRow>(`SELECT ${eventColumns} FROM events WHERE id = ?`).raw()
    this.#selectHead = database.prepare<[], number>('SELECT ifnull(max(position), 0) FROM events').pluck()
    this.#selectVersion = database
      .prepare<[string], number>('SELECT ifnull(max(version), 0) FROM events WHERE stream = ?')
      .pluck()
    // Walks from type to type on the index, so that many events of a type cost no more than one.
    this.#selectRareTypes = database
      .prepare<[{ stream: string }], string>(
        `WITH RECURSIVE types(type) AS (
           SELECT min(type) FROM events WHERE stream = @stream AND ${isRare}
           UNION ALL
           SELECT (SELECT min(type) FROM events WHERE stream = @stream AND type > types.type AND ${isRare})
           FROM types WHERE types.type IS NOT NULL
         )
         SELECT type FROM types WHERE type IS NOT NULL`,
      )
      .pluck()
  }

  /** The last version of a stream, or the last position of the journal where none is named; 0 where there is none. */
  head(stream?: string): number {
    return (
      reading(this.#database, () =>
        stream === undefined ? this.#selectHead.get() : this.#selectVersion.get(stream),
      ) ?? 0
    )
  }

  /** The types of a stream's events, without those that come with every step. */
  rareTypes(stream: string): string[] {
    return reading(this.#database, () => this.#selectRareTypes.all({ stream }))
  }

  /**
   * Events as recorded, lifted to the current schemas.
   *
   * @throws UnreadableEventError, NewerEventError
   */
  *read(options: ReadOptions): Generator<RecordedEvent, void, undefined> {
    for (const page of this.#pages(options)) for (const stored of page) yield this.recorded(stored)
  }

  /** One page at most: the next events, as an array. */
  readPage(options: ReadOptions, size = pageSize): RecordedEvent[] {
    const count = Math.max(0, Math.min(size, options.limit ?? size))
    return this.#page(options, count).map(stored => this.recorded(stored))
  }

  /** Events exactly as they are stored: neither upcast nor checked. */
  *readStored(options: ReadOptions): Generator<StoredEvent, void, undefined> {
    for (const page of this.#pages(options)) yield* page
  }

  *#pages(options: ReadOptions): Generator<readonly StoredEvent[], void, undefined> {
    const bound = boundOf(options.stream)
    let rest = options
    let left = options.limit ?? Number.POSITIVE_INFINITY
    for (let wanted = firstPageSize; left > 0; wanted = Math.min(pageSize, wanted * growth)) {
      const size = Math.min(wanted, left)
      const page = this.#page(rest, size)
      yield page
      const last = page.at(-1)
      if (last === undefined || page.length < size) return
      rest = options.backwards ? { ...rest, until: last[bound] - 1 } : { ...rest, after: last[bound] }
      left -= page.length
    }
  }

  /** The event of that id, wherever it lies. @throws ArchiveDamagedError */
  byId(id: string): StoredEvent | undefined {
    const row = reading(this.#database, () => this.#selectById.get(id))
    return row === undefined ? this.#archive.byId(id) : storedEvent(row)
  }

  /** What is wrong with the files of archived events. */
  archiveFaults(stream?: string): string[] {
    return this.#archive.faults(stream)
  }

  /** A stored event as its readers see it. */
  recorded(stored: StoredEvent): RecordedEvent {
    const { position, stream, version, id, type, at, hash } = stored
    // Event after event of an attempt has the same.
    if (stored.meta !== this.#meta.text) this.#meta = { text: stored.meta, value: Object.freeze(metaOf(stored)) }
    const meta = this.#meta.value
    return { position, stream, version, id, type, at, data: this.#registry.decode(stored), meta, hash }
  }

  /** From the database and from the archive, in order. */
  #page(options: ReadOptions, size: number): StoredEvent[] {
    if (options.types?.length === 0) return []
    const bound = boundOf(options.stream)
    const stored = this.#storedPage(options, size)
    const last = stored.length < size ? undefined : stored.at(-1)
    const within = last && (options.backwards ? { after: last[bound] - 1 } : { until: last[bound] })
    // Read last: an event that goes to the archive meanwhile is then in both, and not in neither.
    const archived = this.#archive.page({ ...options, ...within }, size)
    if (archived.length === 0) return stored
    const order = options.backwards ? -1 : 1
    const page = [...archived, ...stored].sort((one, other) => order * (one[bound] - other[bound]))
    return page.filter((event, index) => event.position !== page[index - 1]?.position).slice(0, size)
  }

  #storedPage(options: ReadOptions, size: number): StoredEvent[] {
    const { sql, parameters } = pageQuery(options, size)
    let page = this.#queries.get(sql)
    if (page === undefined) {
      page = this.#database.prepare<[PageQuery['parameters']], StoredRow>(sql).raw()
      this.#queries.set(sql, page)
    }
    const statement = page
    return reading(this.#database, () => statement.all(parameters)).map(row => storedEvent(row, options.stream))
  }
}

function metaOf(stored: StoredEvent): EventMeta {
  try {
    return JSON.parse(stored.meta) as EventMeta
  } catch (cause) {
    throw new UnreadableEventError(stored, 'its meta is not JSON', { cause })
  }
}
