import { createHash } from 'node:crypto'
import path from 'node:path'
import type Database from 'better-sqlite3'
import type { StoredEvent } from '../stored-event.ts'
import { archivableTypes } from './archivable-types.ts'
import { type ArchivedChunk, archivedChunks, chunkColumns } from './archived-chunk.ts'
import { readChunk } from './chunk-file.ts'

/** So many chunks stay unpacked, the latest that were read: runs that were trained at once lie side by side. */
const chunksInMemory = 4

/** Which archived events to read; see `ReadOptions`. */
interface Wanted {
  readonly stream?: string
  readonly until?: number
  readonly types?: readonly string[]
}

type Bound = 'version' | 'position'

/**
 * Reads events that were archived. In a stream chunks follow one another, in versions and in positions; those of several
 * streams may lie side by side in positions.
 */
export class ArchiveReader {
  readonly #folder: string
  readonly #database: Database.Database
  readonly #unpacked = new Map<number, readonly StoredEvent[]>()
  readonly #selectStreams: Database.Statement<[], string>
  readonly #selectNext: Readonly<Record<Bound, Database.Statement<[string, number], ArchivedChunk>>>
  readonly #selectById: Database.Statement<[number], ArchivedChunk>

  constructor(database: Database.Database) {
    this.#folder = path.dirname(database.name)
    this.#database = database
    this.#selectStreams = database
      .prepare<[], string>(
        `WITH RECURSIVE streams(stream) AS (
           SELECT min(stream) FROM archived_chunks
           UNION ALL
           SELECT (SELECT min(stream) FROM archived_chunks WHERE stream > streams.stream) FROM streams
           WHERE streams.stream IS NOT NULL
         )
         SELECT stream FROM streams WHERE stream IS NOT NULL`,
      )
      .pluck()
    const next = (column: string) =>
      database.prepare<[string, number], ArchivedChunk>(
        `SELECT ${chunkColumns} FROM archived_chunks WHERE stream = ? AND ${column} > ? ORDER BY ${column} LIMIT 1`,
      )
    this.#selectNext = { version: next('last_version'), position: next('last_position') }
    this.#selectById = database.prepare<[number], ArchivedChunk>(
      `SELECT ${chunkColumns} FROM archived_ids JOIN archived_chunks USING (chunk) WHERE archived_ids.hash = ?`,
    )
  }

  /**
   * The first `size` archived events after a version of the stream, or after a position where none is named.
   *
   * @throws ArchiveDamagedError when they lie in a file that is missing or damaged
   */
  page({ stream, until = Number.POSITIVE_INFINITY, types }: Wanted, after: number, size: number): StoredEvent[] {
    if (types !== undefined && !types.some(type => archivableTypes.includes(type))) return []
    const bound = stream === undefined ? 'position' : 'version'
    const streams = stream === undefined ? this.#selectStreams.all() : [stream]
    const nexts = streams
      .map(each => this.#selectNext[bound].get(each, after))
      .filter(chunk => chunk !== undefined)
      .sort((one, other) => one.firstPosition - other.firstPosition)
    let page: StoredEvent[] = []
    for (const first of nexts) {
      // Nothing in this stream can come before what the page has already.
      const last = page[size - 1]?.[bound] ?? until
      const more = this.#following(first, bound, { after, until: Math.min(until, last), types, size })
      if (more.length > 0)
        page = page
          .concat(more)
          .sort((one, other) => one[bound] - other[bound])
          .slice(0, size)
    }
    return page
  }

  /** The archived event of that id. @throws ArchiveDamagedError */
  byId(id: string): StoredEvent | undefined {
    for (const chunk of this.#selectById.all(hashOfId(id))) {
      const found = this.#eventsOf(chunk).find(event => event.id === id)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** Reads every chunk. @returns a text for each that is missing or damaged */
  faults(stream?: string): string[] {
    return archivedChunks(this.#database, stream).flatMap(chunk => {
      try {
        readChunk(this.#folder, chunk)
        return []
      } catch (error) {
        return [error instanceof Error ? error.message : String(error)]
      }
    })
  }

  /** Events of one stream, from a chunk on. */
  #following(
    first: ArchivedChunk,
    bound: Bound,
    { after, until, types, size }: { after: number; until: number; types: readonly string[] | undefined; size: number },
  ): StoredEvent[] {
    const found: StoredEvent[] = []
    let chunk: ArchivedChunk | undefined = first
    while (chunk !== undefined && found.length < size) {
      const [begin, end] =
        bound === 'version' ? [chunk.firstVersion, chunk.lastVersion] : [chunk.firstPosition, chunk.lastPosition]
      if (begin > until) break
      if (types === undefined || types.some(type => chunk?.types.includes(JSON.stringify(type)))) {
        const events = this.#eventsOf(chunk)
        for (let index = firstAfter(events, bound, after); index < events.length && found.length < size; index++) {
          const event = events[index]
          if (event === undefined || event[bound] > until) break
          if (types === undefined || types.includes(event.type)) found.push(event)
        }
      }
      chunk = this.#selectNext[bound].get(chunk.stream, end)
    }
    return found
  }

  #eventsOf(chunk: ArchivedChunk): readonly StoredEvent[] {
    const events = this.#unpacked.get(chunk.chunk) ?? readChunk(this.#folder, chunk)
    this.#unpacked.delete(chunk.chunk)
    this.#unpacked.set(chunk.chunk, events)
    const [oldest] = this.#unpacked.keys()
    if (this.#unpacked.size > chunksInMemory && oldest !== undefined) this.#unpacked.delete(oldest)
    return events
  }
}

/** What ids are looked up by: an eighth of their size, and whole enough to find the chunk. */
export function hashOfId(id: string): number {
  return createHash('sha256').update(id).digest().readUIntBE(0, 6)
}

function firstAfter(events: readonly StoredEvent[], bound: Bound, after: number): number {
  let low = 0
  let high = events.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((events[middle]?.[bound] ?? 0) > after) high = middle
    else low = middle + 1
  }
  return low
}
