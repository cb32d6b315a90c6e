import Database from 'better-sqlite3'
import type { EncodedEvent, EventRegistry } from '../events/event-registry.ts'
import type { NewEvent, RecordedEvent } from '../events/recorded-event.ts'
import { faultPoint } from '../faults/fault-point.ts'
import { newEventId } from './event-id.ts'
import type { EventReader } from './event-reader.ts'
import { assertExpectedVersion, type ExpectedVersion } from './expected-version.ts'
import { chainHash, chainStart } from './hash-chain.ts'
import {
  EventIdConflictError,
  InvalidNameError,
  JournalDamagedError,
  JournalWriteError,
  type SqliteFailure,
} from './journal-errors.ts'
import { isDamage } from './reading.ts'
import { WriteLock } from './write-lock.ts'

interface Head {
  readonly version: number
  readonly hash: string
}

/** An event that was checked and is ready to be stored. */
interface PreparedEvent extends EncodedEvent {
  readonly type: string
  readonly id: string
}

/** SQLite replaces what is no well-formed text, and then a name would not be the one that its hash was made of. */
const wellFormedName = /^[^\p{Cc}\p{Cs}]+$/u

/** Writes events: checked, versioned, chained, and all of an append or nothing. */
export class EventWriter {
  readonly #database: Database.Database
  readonly #registry: EventRegistry
  readonly #reader: EventReader
  readonly #selectHead: Database.Statement<[string], Head>
  readonly #insert: Database.Statement<[string, number, string, string, number, number, string, string, string]>
  /** A part of a transaction, which is undone by itself. */
  readonly #within: Database.Transaction<(work: () => unknown) => unknown>
  readonly #lock: WriteLock
  #syncOwed = false
  /** The stream that was appended to last, whose name is a good one: one append follows another. */
  #lastStream: string | undefined

  constructor(database: Database.Database, registry: EventRegistry, reader: EventReader) {
    this.#database = database
    this.#registry = registry
    this.#reader = reader
    this.#selectHead = database.prepare(
      'SELECT version, lower(hex(hash)) AS hash FROM events WHERE stream = ? ORDER BY version DESC LIMIT 1',
    )
    this.#insert = database.prepare(
      'INSERT INTO events (stream, version, id, type, schema, at, data, meta, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, unhex(?))',
    )
    this.#within = database.transaction(work => work())
    this.#lock = new WriteLock(database)
  }

  /** Whether one of its transactions is going on. */
  get isInTransaction(): boolean {
    return this.#lock.isInUse
  }

  /**
   * Appends in one transaction, which is a part of the outer one inside {@link write}.
   *
   * @returns the events as recorded, and whether they were written now rather than found from an earlier append
   */
  append(
    stream: string,
    events: readonly NewEvent[],
    expected: ExpectedVersion,
  ): { recorded: RecordedEvent[]; written: boolean } {
    this.#assertStream(stream)
    const named = new Set<string>()
    const prepared = events.map((event): PreparedEvent => {
      if (event.id !== undefined) {
        assertName('event id', event.id)
        if (named.has(event.id)) throw new EventIdConflictError(event.id, 'another event of the same append')
        named.add(event.id)
      }
      return { ...this.#registry.encode(event), type: event.type, id: event.id ?? newEventId() }
    })
    const work = (locked?: () => void) => {
      const repeated = named.size === 0 ? undefined : this.#findRepeated(stream, prepared, named)
      if (repeated !== undefined) return { recorded: repeated, written: false }
      const recorded = this.#insertAll(stream, prepared, { expected, locked })
      faultPoint('append.uncommitted')
      return { recorded, written: true }
    }
    return this.#write(
      work,
      () => this.#lock.runReadingFirst(work),
      prepared.some(event => event.durable),
    )
  }

  /**
   * Runs `work` in one write transaction; within another it is a part of that one, undone by itself when it throws.
   * With `durable`, it returns when the disk has what was committed and, since the WAL is one file, everything before it.
   *
   * @throws JournalWriteError when the disk is full or read-only, or another process does not stop writing
   * @throws JournalDamagedError when the database is damaged
   */
  write<Result>(work: () => Result, { durable = false } = {}): Result {
    return this.#write(work, () => this.#lock.run(work), durable)
  }

  /** @param alone does the work in a transaction of its own */
  #write<Result>(work: () => Result, alone: () => Result, durable: boolean): Result {
    return this.#orRefused(() => {
      if (this.isInTransaction) {
        this.#syncOwed ||= durable
        return this.#within(work) as Result
      }
      this.#syncOwed = false
      const result = durable ? this.#synced(alone) : alone()
      if (this.#syncOwed && !durable) this.#sync()
      return result
    })
  }

  #orRefused<Result>(work: () => Result): Result {
    try {
      return work()
    } catch (error) {
      if (isDamage(error)) throw new JournalDamagedError(this.#database.name, error)
      throw isRefusal(error) ? new JournalWriteError(this.#database.name, error) : error
    }
  }

  #assertStream(stream: string): void {
    if (stream === this.#lastStream) return
    assertName('stream', stream)
    this.#lastStream = stream
  }

  /** Writes the database anew without its free pages. @throws JournalWriteError, JournalDamagedError */
  shrink(): void {
    this.#orRefused(() => {
      try {
        this.#database.exec('VACUUM')
      } finally {
        // All of it went through the write-ahead log, which else would keep that size.
        this.#database.pragma('wal_checkpoint(TRUNCATE)')
      }
    })
  }

  /** Under `synchronous = FULL` a commit waits for the disk. It cannot be set once a transaction has begun. */
  #synced<Result>(work: () => Result): Result {
    this.#database.pragma('synchronous = FULL')
    try {
      return work()
    } finally {
      this.#database.pragma('synchronous = NORMAL')
    }
  }

  /** Makes the disk have all that was committed, by the least that can be committed: a number written over itself. */
  #sync(): void {
    const version = this.#database.pragma('user_version', { simple: true })
    this.#synced(() => this.#lock.run(() => this.#database.pragma(`user_version = ${version}`)))
  }

  #insertAll(
    stream: string,
    prepared: readonly PreparedEvent[],
    { expected, locked }: { expected: ExpectedVersion; locked: (() => void) | undefined },
  ): RecordedEvent[] {
    let { version, hash } = this.#selectHead.get(stream) ?? { version: 0, hash: chainStart }
    assertExpectedVersion(stream, expected, version)
    const at = Date.now()
    return prepared.map(({ id, type, schema, data, meta }) => {
      version += 1
      hash = chainHash(hash, { stream, version, id, type, schema, at, data, meta })
      const inserted = this.#insert.run(stream, version, id, type, schema, at, data, meta, hash)
      locked?.()
      const position = Number(inserted.lastInsertRowid)
      // Decoded again, so that who hears of it live gets what a later reader will get, to the last bit.
      return this.#reader.recorded({ position, stream, version, id, type, schema, at, data, meta, hash })
    })
  }

  /** The events of an append that was made before, or undefined when it is new. */
  #findRepeated(
    stream: string,
    prepared: readonly PreparedEvent[],
    named: ReadonlySet<string>,
  ): RecordedEvent[] | undefined {
    const found: RecordedEvent[] = []
    for (const { id, type, schema, data, meta } of prepared) {
      const stored = named.has(id) ? this.#reader.byId(id) : undefined
      if (stored === undefined) continue
      const same =
        stored.stream === stream &&
        stored.type === type &&
        stored.schema === schema &&
        stored.data === data &&
        stored.meta === meta
      if (!same) {
        throw new EventIdConflictError(id, `the event ${stored.type} at version ${stored.version} of ${stored.stream}`)
      }
      found.push(this.#reader.recorded(stored))
    }
    const [first] = found
    if (first === undefined) return undefined
    if (found.length < prepared.length) {
      const owner = `an earlier append, at version ${first.version} of ${stream}, that did not name all of these events`
      throw new EventIdConflictError(first.id, owner)
    }
    return found
  }
}

function assertName(what: 'stream' | 'event id', name: string): void {
  if (!wellFormedName.test(name)) throw new InvalidNameError(what, name)
}

/** Whether SQLite could not write for reasons outside the program. */
function isRefusal(error: unknown): error is SqliteFailure {
  return error instanceof Database.SqliteError && /^SQLITE_(FULL|READONLY|IOERR|CANTOPEN|BUSY)/.test(error.code)
}
