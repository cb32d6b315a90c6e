import { createHash } from 'node:crypto'
import path from 'node:path'
import type Database from 'better-sqlite3'
import type { ReadOptions } from '../event-reader.ts'
import { frequentTypes } from '../frequent-types.ts'
import { boundOf } from '../page-query.ts'
import type { StoredEvent } from '../stored-event.ts'
import { type ArchivedChunk, archivedChunks, chunkColumns } from './archived-chunk.ts'
import { readChunk } from './chunk-file.ts'

/** So many chunks stay unpacked, the latest that were read: runs that were trained at once lie side by side. */
const chunksInMemory = 4

/** How to go through the chunks of a stream. */
interface Walk {
  readonly bound: 'version' | 'position'
  readonly after: number
  readonly until: number
  readonly backwards: boolean
}

type SelectChunk = Readonly<Record<Walk['bound'], Database.Statement<[string, number], ArchivedChunk>>>

/**
 * Reads events that were archived. In a stream chunks follow one another, in versions and in positions; those of several
 * streams may lie side by side in positions.
 */
export class ArchiveReader {
  readonly #folder: string
  readonly #database: Database.Database
  readonly #unpacked = new Map<number, readonly StoredEvent[]>()
  readonly #selectStreams: Database.Statement<[], string>
  readonly #selectNext: SelectChunk
  readonly #selectPrevious: SelectChunk
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
    const nearest = (beyond: string, order: string) => (column: string) =>
      database.prepare<[string, number], ArchivedChunk>(
        `SELECT ${chunkColumns} FROM archived_chunks
         WHERE stream = ? AND ${column} ${beyond} ? ORDER BY ${column} ${order} LIMIT 1`,
      )
    const [next, previous] = [nearest('>', 'ASC'), nearest('<', 'DESC')]
    this.#selectNext = { version: next('last_version'), position: next('last_position') }
    this.#selectPrevious = { version: previous('last_version'), position: previous('last_position') }
    this.#selectById = database.prepare<[number], ArchivedChunk>(
      `SELECT ${chunkColumns} FROM archived_ids JOIN archived_chunks USING (chunk) WHERE archived_ids.hash = ?`,
    )
  }

  /**
   * The archived events among the first `size` that are asked for.
   *
   * @throws ArchiveDamagedError when they lie in a file that is missing or damaged
   */
  page(options: ReadOptions, size: number): StoredEvent[] {
    const { stream, types, after = 0, until = Number.POSITIVE_INFINITY, backwards = false } = options
    if (types !== undefined && !types.some(type => frequentTypes.includes(type))) return []
    const bound = boundOf(stream)
    const order = backwards ? -1 : 1
    const streams = stream === undefined ? this.#selectStreams.all() : [stream]
    const firsts = streams
      .map(each => this.#first(each, { bound, after, until, backwards }))
      .filter(chunk => chunk !== undefined)
      .sort((one, other) => order * (one.firstPosition - other.firstPosition))
    let page: StoredEvent[] = []
    for (const first of firsts) {
      // Nothing in this stream can come before what the page has already.
      const last = page[size - 1]?.[bound]
      const within = last === undefined ? {} : backwards ? { after: last } : { until: last }
      const more = this.#from(first, { bound, after, until, backwards, ...within }, types, size)
      if (more.length === 0) continue
      page = [...page, ...more].sort((one, other) => order * (one[bound] - other[bound])).slice(0, size)
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

  /** The chunk of a stream to begin with. */
  #first(stream: string, { bound, after, until, backwards }: Walk): ArchivedChunk | undefined {
    if (!backwards) return this.#selectNext[bound].get(stream, after)
    const around = this.#selectNext[bound].get(stream, until - 1)
    return around !== undefined && beginOf(around, bound) <= until
      ? around
      : this.#selectPrevious[bound].get(stream, until)
  }

  /** Events of one stream, from a chunk on. */
  #from(
    first: ArchivedChunk,
    { bound, after, until, backwards }: Walk,
    types: readonly string[] | undefined,
    size: number,
  ): StoredEvent[] {
    const found: StoredEvent[] = []
    let chunk: ArchivedChunk | undefined = first
    while (chunk !== undefined && found.length < size) {
      const [begin, end]: [number, number] = [beginOf(chunk, bound), endOf(chunk, bound)]
      if (backwards ? end <= after : begin > until) break
      if (types === undefined || types.some(type => chunk?.types.includes(JSON.stringify(type)))) {
        const events = this.#eventsOf(chunk)
        const inside = events.slice(firstBeyond(events, bound, after), firstBeyond(events, bound, until))
        const wanted = types === undefined ? inside : inside.filter(({ type }) => types.includes(type))
        found.push(...(backwards ? wanted.reverse() : wanted).slice(0, size - found.length))
      }
      chunk = backwards
        ? this.#selectPrevious[bound].get(chunk.stream, begin)
        : this.#selectNext[bound].get(chunk.stream, end)
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

function beginOf(chunk: ArchivedChunk, bound: Walk['bound']): number {
  return bound === 'version' ? chunk.firstVersion : chunk.firstPosition
}

function endOf(chunk: ArchivedChunk, bound: Walk['bound']): number {
  return bound === 'version' ? chunk.lastVersion : chunk.lastPosition
}

/** The place in a chunk of the first event beyond a version or a position. */
function firstBeyond(events: readonly StoredEvent[], bound: Walk['bound'], place: number): number {
  let low = 0
  let high = events.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((events[middle]?.[bound] ?? 0) > place) high = middle
    else low = middle + 1
  }
  return low
}
