import type Database from 'better-sqlite3'
import { UnreadableEventError } from '../events/event-errors.ts'
import type { EventRegistry } from '../events/event-registry.ts'
import type { EventMeta, RecordedEvent } from '../events/recorded-event.ts'
import { ArchiveReader } from './archive/archive-reader.ts'
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
  /** At most so many events. */
  readonly limit?: number
}

/** A page is read whole, so that no statement stays open while its events are handled and memory stays flat. */
export const pageSize = 500

/** Reads events in order, page by page. */
export class EventReader {
  readonly #database: Database.Database
  readonly #registry: EventRegistry
  readonly #pages = new Map<string, Database.Statement<[Record<string, unknown>], StoredRow>>()
  readonly #archive: ArchiveReader
  #meta: { readonly text: string; readonly value: EventMeta } = { text: '{}', value: Object.freeze({}) }
  readonly #selectById: Database.Statement<[string], StoredRow>
  readonly #selectHead: Database.Statement<[], number>
  readonly #selectVersion: Database.Statement<[string], number>

  constructor(database: Database.Database, registry: EventRegistry) {
    this.#database = database
    this.#registry = registry
    this.#archive = new ArchiveReader(database)
    this.#selectById = database.prepare<[string], StoredRow>(`SELECT ${eventColumns} FROM events WHERE id = ?`).raw()
    this.#selectHead = database.prepare<[], number>('SELECT ifnull(max(position), 0) FROM events').pluck()
    this.#selectVersion = database
      .prepare<[string], number>('SELECT ifnull(max(version), 0) FROM events WHERE stream = ?')
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

  /**
   * Events as recorded, lifted to the current schemas.
   *
   * @throws UnreadableEventError, NewerEventError
   */
  *read(options: ReadOptions): Generator<RecordedEvent, void, undefined> {
    for (const stored of this.readStored(options)) yield this.recorded(stored)
  }

  /** One page at most: the next events, as an array. */
  readPage(options: ReadOptions, size = pageSize): RecordedEvent[] {
    const count = Math.max(0, Math.min(size, options.limit ?? size))
    return this.#page(options, options.after ?? 0, count).map(stored => this.recorded(stored))
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
  #page(options: ReadOptions, after: number, size: number): StoredEvent[] {
    const bound = options.stream === undefined ? 'position' : 'version'
    const stored = this.#storedPage(options, after, size)
    const last = stored.length < size ? undefined : stored.at(-1)
    // Read last: an event that goes to the archive meanwhile is then in both, and not in neither.
    const archived = this.#archive.page({ ...options, ...(last && { until: last[bound] }) }, after, size)
    if (archived.length === 0) return stored
    const page = [...archived, ...stored].sort((one, other) => one[bound] - other[bound])
    return page.filter((event, index) => event.position !== page[index - 1]?.position).slice(0, size)
  }

  #storedPage({ stream, until, types }: ReadOptions, after: number, size: number): StoredEvent[] {
    // One range scan on the primary key, or on the index over (stream, version): never an OR.
    const bound = stream === undefined ? 'position' : 'version'
    const sql = [
      `SELECT ${eventColumns} FROM events WHERE ${bound} > @after`,
      stream === undefined ? '' : 'AND stream = @stream',
      until === undefined ? '' : `AND ${bound} <= @until`,
      types === undefined ? '' : 'AND type IN (SELECT value FROM json_each(@types))',
      `ORDER BY ${bound} LIMIT @size`,
    ].join(' ')
    let statement = this.#pages.get(sql)
    if (statement === undefined) {
      statement = this.#database.prepare<[Record<string, unknown>], StoredRow>(sql).raw()
      this.#pages.set(sql, statement)
    }
    const page = statement
    const bounds = { stream, after, until, types: types && JSON.stringify(types), size }
    return reading(this.#database, () => page.all(bounds)).map(storedEvent)
  }
}

function metaOf(stored: StoredEvent): EventMeta {
  try {
    return JSON.parse(stored.meta) as EventMeta
  } catch (cause) {
    throw new UnreadableEventError(stored, 'its meta is not JSON', { cause })
  }
}
