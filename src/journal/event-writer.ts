import { randomUUID } from 'node:crypto'
import Database from 'better-sqlite3'
import type { EventRegistry } from '../events/event-registry.ts'
import type { NewEvent, RecordedEvent } from '../events/recorded-event.ts'
import { assertExpectedVersion, type ExpectedVersion } from './expected-version.ts'
import { chainHash, chainStart, type HashedFields } from './hash-chain.ts'
import { EventIdConflictError, JournalWriteError } from './journal-errors.ts'

interface Head {
  version: number
  hash: Buffer
}

interface Encoded {
  readonly event: NewEvent
  readonly id: string
  readonly schema: number
  readonly json: string
}

/** Writes events: checked, versioned, chained, and all of an append or nothing. */
export class EventWriter {
  readonly #database: Database.Database
  readonly #registry: EventRegistry
  readonly #selectHead: Database.Statement<[string], Head>
  readonly #selectById: Database.Statement<[string], HashedFields & { position: number; hash: Buffer }>
  readonly #insert: Database.Statement<[string, number, string, string, number, number, string, string, Buffer]>

  constructor(database: Database.Database, registry: EventRegistry) {
    this.#database = database
    this.#registry = registry
    this.#selectHead = database.prepare(
      'SELECT version, hash FROM events WHERE stream = ? ORDER BY version DESC LIMIT 1',
    )
    this.#selectById = database.prepare('SELECT * FROM events WHERE id = ?')
    this.#insert = database.prepare(
      'INSERT INTO events (stream, version, id, type, schema, at, data, meta, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    )
  }

  /**
   * Appends in one transaction. Inside {@link write} it joins the outer transaction instead, and is as durable as that.
   *
   * @returns the events as recorded, and whether they were written now rather than found from an earlier append
   */
  append(
    stream: string,
    events: readonly NewEvent[],
    expected: ExpectedVersion,
  ): { recorded: RecordedEvent[]; written: boolean } {
    let durable = false
    const encoded = events.map((event): Encoded => {
      const encoding = this.#registry.encode(event.type, event.data)
      durable ||= encoding.durable
      return { event, id: event.id ?? randomUUID(), schema: encoding.schema, json: encoding.json }
    })
    const work = () => this.#appendEncoded(stream, encoded, expected)
    return this.#database.inTransaction ? work() : this.write(work, { durable })
  }

  /**
   * Runs `work` in one write transaction. With `durable`, the commit waits until the disk has it and, since the WAL is
   * one file, everything committed before it.
   *
   * @throws JournalWriteError when the disk is full or read-only
   */
  write<Result>(work: () => Result, { durable = false } = {}): Result {
    try {
      if (durable) this.#database.pragma('synchronous = FULL')
      return this.#database.transaction(work).immediate()
    } catch (error) {
      throw isDiskError(error) ? new JournalWriteError(this.#database.name, error) : error
    } finally {
      if (durable) this.#database.pragma('synchronous = NORMAL')
    }
  }

  #appendEncoded(stream: string, encoded: readonly Encoded[], expected: ExpectedVersion) {
    const repeated = this.#findRepeated(stream, encoded)
    if (repeated !== undefined) return { recorded: repeated, written: false }

    const head = this.#selectHead.get(stream)
    let version = head?.version ?? 0
    let previous: Uint8Array = head?.hash ?? chainStart
    assertExpectedVersion(stream, expected, version)

    const at = Date.now()
    const recorded = encoded.map(({ event, id, schema, json }): RecordedEvent => {
      version += 1
      const meta = event.meta ?? {}
      const fields = { stream, version, id, type: event.type, schema, at, data: json, meta: JSON.stringify(meta) }
      const hash = chainHash(previous, fields)
      previous = hash
      const { lastInsertRowid } = this.#insert.run(stream, version, id, event.type, schema, at, json, fields.meta, hash)
      return {
        position: Number(lastInsertRowid),
        stream,
        version,
        id,
        type: event.type,
        at,
        // What a reader will get, so that live and replayed events are equal to the last bit.
        data: this.#registry.decode(event.type, schema, json),
        meta,
        hash: hash.toString('hex'),
      }
    })
    return { recorded, written: true }
  }

  /** The events of an append that was made before, or undefined when it is new. */
  #findRepeated(stream: string, encoded: readonly Encoded[]): RecordedEvent[] | undefined {
    const found: RecordedEvent[] = []
    for (const { event, id, schema, json } of encoded) {
      if (event.id === undefined) continue
      const row = this.#selectById.get(id)
      if (row === undefined) continue
      const same = row.stream === stream && row.type === event.type && row.schema === schema && row.data === json
      if (!same) throw new EventIdConflictError(id, `${row.type} at version ${row.version} of ${row.stream}`)
      found.push({
        ...row,
        data: this.#registry.decode(row.type, row.schema, row.data),
        meta: JSON.parse(row.meta) as RecordedEvent['meta'],
        hash: row.hash.toString('hex'),
      })
    }
    if (found.length === 0) return undefined
    const first = found[0] as RecordedEvent
    if (found.length < encoded.length) {
      throw new EventIdConflictError(
        first.id,
        `an earlier append (version ${first.version} of ${stream}) that did not hold all of these events`,
      )
    }
    return found
  }
}

function isDiskError(error: unknown): boolean {
  return (
    error instanceof Database.SqliteError &&
    ['SQLITE_FULL', 'SQLITE_READONLY', 'SQLITE_IOERR', 'SQLITE_CANTOPEN'].some(code => error.code.startsWith(code))
  )
}
