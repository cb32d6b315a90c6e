import type Database from 'better-sqlite3'
import { filter, interval, map, merge, type Observable, Subject, share, takeUntil } from 'rxjs'
import type { AnyStateMachine } from 'xstate'
import type { EventDefinition } from '../events/define-event.ts'
import { EventRegistry } from '../events/event-registry.ts'
import type { NewEvent, RecordedEvent } from '../events/recorded-event.ts'
import { trainingEvents } from '../events/training-events.ts'
import { faultPoint } from '../faults/fault-point.ts'
import { type ArchiveOptions, archiveEvents } from './archive/archive-writer.ts'
import { type ArchivedChunk, archivedChunks } from './archive/archived-chunk.ts'
import { unarchiveEvents } from './archive/unarchive.ts'
import { databaseFaults } from './database-faults.ts'
import { eventFeed, type FeedItem, type FeedOptions } from './event-feed.ts'
import { EventReader, type ReadOptions } from './event-reader.ts'
import { EventWriter } from './event-writer.ts'
import type { ExpectedVersion } from './expected-version.ts'
import { Folder, type FoldResult } from './fold.ts'
import { JournalReadOnlyError } from './journal-errors.ts'
import { openDatabase } from './open-database.ts'
import { type PositionGap, positionGaps } from './position-gaps.ts'
import { type Prepare, preparedOnce } from './prepared-once.ts'
import { reading } from './reading.ts'
import { type StreamProblem, verifyStream } from './verify-stream.ts'

export interface JournalOptions {
  /** Open for reading only: nothing is created, migrated or written. */
  readonly readOnly?: boolean
  /** The event types that may be written; all of a training run's unless given. */
  readonly events?: Iterable<EventDefinition>
  /** How often to look for what other processes appended, in milliseconds. */
  readonly pollEvery?: number
}

/** A stream and where it stands. */
export interface StreamInfo {
  readonly stream: string
  readonly version: number
  /** Of its first event: of two streams the one with the lower position was begun first, whatever the clock said. */
  readonly position: number
  /** When its first and last events were appended, in milliseconds since 1970, as the clock said then. */
  readonly createdAt: number
  readonly updatedAt: number
}

/**
 * The append-only store of everything that happened, in one SQLite file. Any number of processes may read it while
 * others write.
 *
 * @example
 * const journal = Journal.open('runs/journal.sqlite')
 * journal.append('run/demo', [{ type: 'run.paused', data: { step: 3, reason: 'lunch' } }], { expectedVersion: 7 })
 * for (const event of journal.read({ stream: 'run/demo' })) console.log(event.version, event.type)
 */
export class Journal {
  readonly path: string
  readonly readOnly: boolean
  /** The events that this process appends, after their commit, in order. */
  readonly appended$: Observable<RecordedEvent>
  /** Whenever something may have been appended: the event, where this process did, and undefined for other processes. */
  readonly wake$: Observable<RecordedEvent | undefined>

  readonly #database: Database.Database
  readonly #prepare: Prepare
  readonly #reader: EventReader
  readonly #writer: EventWriter | undefined
  readonly #folder: Folder
  readonly #appended = new Subject<RecordedEvent>()
  readonly #closed = new Subject<void>()
  readonly #outbox: RecordedEvent[] = []
  #publishing = false

  /** @throws JournalOpenError when the file cannot be opened so, is no journal, or is from a newer version */
  static open(path: string, options: JournalOptions = {}): Journal {
    return new Journal(openDatabase(path, { readOnly: options.readOnly ?? false }), options)
  }

  private constructor(database: Database.Database, options: JournalOptions) {
    this.path = database.name
    this.readOnly = database.readonly
    this.#database = database
    this.#prepare = preparedOnce(database)
    const registry = new EventRegistry(options.events ?? trainingEvents)
    this.#reader = new EventReader(database, registry)
    this.#writer = this.readOnly ? undefined : new EventWriter(database, registry, this.#reader)
    this.#folder = new Folder(database, this.#reader, this.#writer)
    this.appended$ = this.#appended.asObservable()
    this.wake$ = merge(this.#appended, foreignCommits(database, options.pollEvery ?? 100)).pipe(
      takeUntil(this.#closed),
      share(),
    )
  }

  /**
   * Appends facts to a stream: all of them or none. They are published only after they are committed.
   *
   * @throws ConcurrencyError when the stream is not at `expectedVersion`
   * @throws InvalidEventError, UnknownEventTypeError, EventIdConflictError, InvalidNameError
   * @throws JournalWriteError when the disk refuses, JournalReadOnlyError
   */
  append(
    stream: string,
    events: readonly NewEvent[],
    { expectedVersion = 'any' }: { expectedVersion?: ExpectedVersion } = {},
  ): RecordedEvent[] {
    const { recorded, written } = this.#writable().append(stream, events, expectedVersion)
    faultPoint('append.committed')
    if (written) this.#outbox.push(...recorded)
    this.#publish()
    return recorded
  }

  /**
   * Runs `work` in one write transaction: its appends and its other writes happen together or not at all. Events
   * appended inside are published after the commit. A transaction within another is undone by itself when it throws.
   *
   * @throws JournalWriteError when the disk refuses, JournalReadOnlyError, and whatever `work` throws
   */
  transaction<Result>(work: (database: Database.Database) => Result): Result {
    const waiting = this.#outbox.length
    try {
      return this.#writable().write(() => work(this.#database))
    } catch (error) {
      this.#outbox.length = waiting
      throw error
    } finally {
      this.#publish()
    }
  }

  /**
   * Iterates over recorded events in order, with flat memory. Appending while iterating is fine: new events are told
   * as well, unless `until` ends before them.
   *
   * @throws UnreadableEventError, NewerEventError when it comes to an event that it cannot read
   */
  read(options: ReadOptions = {}): Generator<RecordedEvent, void, undefined> {
    return this.#reader.read(options)
  }

  /** The next events, one page at most. */
  readPage(options: ReadOptions, size?: number): RecordedEvent[] {
    return this.#reader.readPage(options, size)
  }

  /** Past events, then live ones, with the moment between them marked once by `caught-up`. */
  feed$(options: FeedOptions = {}): Observable<FeedItem> {
    return eventFeed(this.#reader, this.wake$, options)
  }

  /** Past events, then live ones, whichever process appends them. Completes when the journal is closed. */
  events$(options: FeedOptions = {}): Observable<RecordedEvent> {
    return this.feed$(options).pipe(
      filter(item => item.kind === 'event'),
      map(item => item.event),
    )
  }

  /**
   * The state of a pure machine after the stream's events, up to and including version `until`. Events that the
   * machine does not know are passed over and counted in `ignored`.
   *
   * @param options `snapshots: false` folds from the very first event and keeps nothing
   */
  fold<Machine extends AnyStateMachine>(
    stream: string,
    machine: Machine,
    options?: { until?: number; snapshots?: boolean },
  ): FoldResult<Machine> {
    return reading(this.#database, () => this.#folder.fold(stream, machine, options))
  }

  /** Keeps a live machine's state, as {@link fold} would have found it after `event`, for later folds. */
  saveSnapshot<Machine extends AnyStateMachine>(
    machine: Machine,
    state: FoldResult<Machine>,
    event: RecordedEvent,
  ): void {
    this.#folder.save(this.#writable(), machine, state, event)
  }

  /** The states of a machine that were kept of a stream, oldest first. */
  snapshots<Machine extends AnyStateMachine>(stream: string, machine: Machine): Generator<FoldResult<Machine>> {
    return this.#folder.stored(stream, machine)
  }

  /** The position of the last event, of whichever stream; 0 where there is none. */
  get position(): number {
    return reading(this.#database, () => this.#reader.head())
  }

  /** Everything in a stream that is not as it was written. */
  verify(stream: string): Generator<StreamProblem, void, undefined> {
    return verifyStream(this.#reader, stream)
  }

  /**
   * What SQLite finds wrong with the journal's file: pages that are none, indices that do not fit their tables. It reads
   * the whole file, and so also finds damage that no reading of events has come across.
   */
  databaseFaults(): string[] {
    return databaseFaults(this.#database)
  }

  /** Every file that events were archived in, with a text for each that is missing or damaged. It reads them all. */
  archiveFaults(stream?: string): string[] {
    return this.#reader.archiveFaults(stream)
  }

  /** The files that events were archived in, of one stream or of all. */
  archivedChunks(stream?: string): ArchivedChunk[] {
    return reading(this.#database, () => archivedChunks(this.#database, stream))
  }

  /**
   * Moves the events of a stream that come with every step, as far as they are old, to compressed files beside the
   * journal. They are read, verified and folded as before. While this goes on nobody else may archive the stream.
   *
   * @returns each file as soon as its events have gone there
   * @throws ArchiveError when a file cannot be written; JournalWriteError, JournalReadOnlyError
   */
  archive(stream: string, options: ArchiveOptions): Generator<ArchivedChunk, void, undefined> {
    return archiveEvents(this.#database, this.#writable(), stream, options)
  }

  /**
   * Brings a stream's archived events back.
   *
   * @returns each file whose events are back
   * @throws ArchiveDamagedError when a file is missing or damaged; JournalWriteError, JournalReadOnlyError
   */
  unarchive(stream: string): Generator<ArchivedChunk, void, undefined> {
    return unarchiveEvents(this.#database, this.#writable(), stream)
  }

  /**
   * Gives the room that archived events took back to the disk. It writes the whole file anew, needs as much room again
   * while it does, and nobody else can write meanwhile.
   *
   * @throws JournalWriteError when there is no room, or another process writes; JournalReadOnlyError
   */
  shrink(): void {
    this.#writable().shrink()
  }

  /** Where events were removed, of whichever stream; nothing in a whole journal. */
  gaps(): PositionGap[] {
    return reading(this.#database, () => positionGaps(this.#database))
  }

  /** All streams whose names begin with `prefix`, by name. */
  streams(prefix = ''): StreamInfo[] {
    // Walks from name to name on the index, so that long streams cost no more than short ones.
    const select = this.#database.prepare<[{ prefix: string }], StreamInfo>(
      `WITH RECURSIVE names(stream) AS (
           SELECT min(stream) FROM events WHERE stream >= @prefix
           UNION ALL
           SELECT (SELECT min(stream) FROM events WHERE stream > names.stream)
           FROM names WHERE instr(names.stream, @prefix) = 1
         )
         SELECT names.stream AS stream,
           (SELECT max(version) FROM events WHERE stream = names.stream) AS version,
           (SELECT position FROM events WHERE stream = names.stream ORDER BY version LIMIT 1) AS position,
           (SELECT at FROM events WHERE stream = names.stream ORDER BY version LIMIT 1) AS createdAt,
           (SELECT at FROM events WHERE stream = names.stream ORDER BY version DESC LIMIT 1) AS updatedAt
         FROM names WHERE instr(names.stream, @prefix) = 1`,
    )
    return reading(this.#database, () => select.all({ prefix }))
  }

  /** The version of a stream: 0 where there is none. */
  streamVersion(stream: string): number {
    return this.#reader.head(stream)
  }

  /** The types of a stream's events by name, without the steps and what is observed in them. It costs next to nothing. */
  rareTypes(stream: string): string[] {
    return this.#reader.rareTypes(stream)
  }

  /** The position of the last event: 0 in an empty journal. */
  get head(): number {
    return this.#reader.head()
  }

  /** Reads the tables that subscribers keep. `work` must not write; its statements it may have prepared once for all times. */
  query<Result>(work: (database: Database.Database, prepare: Prepare) => Result): Result {
    return reading(this.#database, () => work(this.#database, this.#prepare))
  }

  /** Whether it has not been closed. */
  get isOpen(): boolean {
    return this.#database.open
  }

  /** Ends every feed and closes the file. */
  close(): void {
    this.#closed.next()
    this.#appended.complete()
    this.#database.close()
  }

  #writable(): EventWriter {
    if (this.#writer === undefined) throw new JournalReadOnlyError(this.path)
    return this.#writer
  }

  /** Hands out committed events one after another, also when a listener appends: everyone sees the same order. */
  #publish(): void {
    if (this.#publishing || this.#writer?.isInTransaction) return
    this.#publishing = true
    try {
      for (let event = this.#outbox.shift(); event !== undefined; event = this.#outbox.shift()) {
        this.#appended.next(event)
      }
    } finally {
      this.#publishing = false
    }
  }
}

/** Ticks when another connection has committed: SQLite's `data_version` changes then, and costs about a microsecond. */
function foreignCommits(database: Database.Database, pollEvery: number): Observable<undefined> {
  let seen: unknown
  return interval(pollEvery).pipe(
    filter(() => {
      const current = database.pragma('data_version', { simple: true })
      const changed = current !== seen
      seen = current
      return changed
    }),
    map(() => undefined),
  )
}
