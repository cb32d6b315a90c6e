import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type Database from 'better-sqlite3'
import type { EventWriter } from '../event-writer.ts'
import { frequentTypes } from '../frequent-types.ts'
import { eventColumns, type StoredEvent, type StoredRow, storedEvent } from '../stored-event.ts'
import { syncFolder } from '../sync-to-disk.ts'
import { ArchiveError } from './archive-errors.ts'
import { hashOfId } from './archive-reader.ts'
import { type ArchivedChunk, archivedChunks } from './archived-chunk.ts'
import { packEvents, readChunk, sha256Of } from './chunk-file.ts'

/** Events in a file: a reading of one of them unpacks them all, which takes some 20 ms. */
const eventsInChunk = 4_000

/** Which events of a stream to archive, and where. */
export interface ArchiveOptions {
  /** Only what was appended before the first event of this moment or later, in milliseconds since 1970. */
  readonly before: number
  /** The folder for the files, below the journal's and with forward slashes. */
  readonly folder: string
}

/**
 * Moves the events that come with every step from the database to files. A file is written, synced and read back, and
 * only then, in one synced transaction, the database takes down where it lies and lets the events go: a process that is
 * killed at any moment leaves every event in one place or the other, and at most a file that nobody speaks of, which the
 * next call removes. Nobody else may archive the stream meanwhile.
 *
 * The stream's first event stays, which says when it was begun, and its last, since the next is chained to it, and so do
 * those after which a state was kept.
 *
 * @returns each file as soon as its events have gone there
 * @throws ArchiveError when a file cannot be written; JournalWriteError
 */
export function* archiveEvents(
  database: Database.Database,
  writer: EventWriter,
  stream: string,
  { before, folder }: ArchiveOptions,
): Generator<ArchivedChunk, void, undefined> {
  const root = path.dirname(database.name)
  removeUnnamed(database, root, folder, stream)
  const select = database
    .prepare<[Record<string, unknown>], StoredRow>(
      `SELECT ${eventColumns} FROM events
       WHERE stream = @stream AND version > @after AND version < @end
         AND type IN (SELECT value FROM json_each(@types))
         AND version NOT IN (SELECT version FROM snapshots WHERE stream = @stream)
       ORDER BY version LIMIT ${eventsInChunk}`,
    )
    .raw()
  const end = firstThatStays(database, stream, before)
  for (let after = lastArchived(database, stream); ; ) {
    const events = select.all({ stream, after, end, types: JSON.stringify(frequentTypes) }).map(row => storedEvent(row))
    const [first, last] = [events[0], events.at(-1)]
    if (first === undefined || last === undefined) return
    const uri = `${folder}/events-${padded(first.version)}-${padded(last.version)}.jsonl.gz`
    const bytes = packEvents(events)
    const chunk = {
      stream,
      firstVersion: first.version,
      lastVersion: last.version,
      firstPosition: first.position,
      lastPosition: last.position,
      events: events.length,
      types: JSON.stringify([...new Set(events.map(({ type }) => type))].sort()),
      uri,
      bytes: bytes.length,
      sha256: sha256Of(bytes),
    }
    writeWhole(path.join(root, uri), bytes)
    const readBack = readChunk(root, { ...chunk, chunk: 0 })
    if (!isDeepStrictEqual(readBack, events)) {
      throw new ArchiveError(`The file ${uri} holds something else than was written to it; check its disk.`)
    }
    yield { ...chunk, chunk: writer.write(() => handOver(database, chunk, events), { durable: true }) }
    after = last.version
  }
}

/** The first version that is not archived: the clock may have gone back after it, but what follows it stays too. */
function firstThatStays(database: Database.Database, stream: string, before: number): number {
  const select = database.prepare<[{ stream: string; before: number }], number>(
    `SELECT min(ifnull((SELECT min(version) FROM events WHERE stream = @stream AND at >= @before), max(version)), max(version))
     FROM events WHERE stream = @stream`,
  )
  return select.pluck().get({ stream, before }) ?? 0
}

/** The version after which to go on: the first event stays, for it says when the stream was begun. */
function lastArchived(database: Database.Database, stream: string): number {
  const select = database.prepare<[string], number>(
    'SELECT ifnull(max(last_version), 1) FROM archived_chunks WHERE stream = ?',
  )
  return select.pluck().get(stream) ?? 1
}

/** @returns the number that the chunk got */
function handOver(
  database: Database.Database,
  chunk: Omit<ArchivedChunk, 'chunk'>,
  events: readonly StoredEvent[],
): number {
  const { lastInsertRowid } = database
    .prepare(
      `INSERT INTO archived_chunks (stream, first_version, last_version, first_position, last_position, events, types, positions, uri, bytes, sha256)
       VALUES (@stream, @firstVersion, @lastVersion, @firstPosition, @lastPosition, @events, @types, @positions, @uri, @bytes, @sha256)`,
    )
    .run({ ...chunk, positions: JSON.stringify(rangesOf(events)) })
  const number = Number(lastInsertRowid)
  // Two ids of one chunk may have one hash: the chunk is what is looked for.
  const keepId = database.prepare('INSERT OR IGNORE INTO archived_ids (hash, chunk) VALUES (?, ?)')
  const remove = database.prepare('DELETE FROM events WHERE position = ? AND lower(hex(hash)) = ?')
  for (const { id, position, hash } of events) {
    keepId.run(hashOfId(id), number)
    if (remove.run(position, hash).changes !== 1) {
      throw new ArchiveError(
        `The event at position ${position} has changed while it was archived; see to it that nobody else archives ${chunk.stream}, and try again.`,
      )
    }
  }
  return number
}

/** Positions as ranges, both ends included, for the search for gaps. */
function rangesOf(events: readonly StoredEvent[]): [first: number, last: number][] {
  const ranges: [number, number][] = []
  for (const { position } of events) {
    const range = ranges.at(-1)
    if (range !== undefined && range[1] === position - 1) range[1] = position
    else ranges.push([position, position])
  }
  return ranges
}

/** Writes a file whole, or leaves nothing of it. */
function writeWhole(file: string, bytes: Buffer): void {
  const temporary = `${file}.tmp`
  try {
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(temporary, bytes, { flush: true })
    renameSync(temporary, file)
    // The folder may be new, and then its own name must be on the disk too.
    syncFolder(path.dirname(file))
    syncFolder(path.dirname(path.dirname(file)))
  } catch (cause) {
    rmSync(temporary, { force: true })
    const told = cause instanceof Error ? cause.message : String(cause)
    throw new ArchiveError(
      `The archive ${file} cannot be written (${told}); make room on the disk, or check that the folder can be written to. The events are where they were.`,
      { cause },
    )
  }
}

/** Removes what a process has left that was killed before the database spoke of its file, or after it did no more. */
function removeUnnamed(database: Database.Database, root: string, folder: string, stream: string): void {
  const named = new Set(archivedChunks(database, stream).map(({ uri }) => uri))
  let names: readonly string[]
  try {
    names = readdirSync(path.join(root, folder))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return
    throw error
  }
  for (const name of names) {
    const isOurs = /^events-\d+-\d+\.jsonl\.gz(\.tmp)?$/.test(name)
    if (isOurs && !named.has(`${folder}/${name}`)) rmSync(path.join(root, folder, name))
  }
}

function padded(version: number): string {
  return String(version).padStart(8, '0')
}
