import type { ReadOptions } from './event-reader.ts'
import { frequentTypes, isRare } from './frequent-types.ts'
import { columnsOfStream, eventColumns } from './stored-event.ts'

/** A query for a page of events, and what to hand to it. */
export interface PageQuery {
  readonly sql: string
  readonly parameters: Readonly<Record<string, string | number | undefined>>
}

/** More types than this are looked for among all events: SQLite merges so many queries, and not any number. */
const mostMerged = 50

/**
 * The query for at most `size` events, in order. It is one range of an index, and never an OR: of the primary key or of
 * the index over (stream, version), or, where only rare events are asked for, one range of their own index for each type,
 * merged as they come. So nothing is sorted, and a rare event is found without going over the steps before it.
 */
export function pageQuery(options: ReadOptions, size: number): PageQuery {
  const { stream, after = 0, until, types } = options
  const bounds = { stream, after, until, size }
  if (types === undefined) return { sql: inOrder(options, select(options)), parameters: bounds }
  const wanted = [...new Set(types)]
  if (wanted.length > mostMerged || wanted.some(type => frequentTypes.includes(type))) {
    const sql = inOrder(options, `${select(options)} AND type IN (SELECT value FROM json_each(@types))`)
    return { sql, parameters: { ...bounds, types: JSON.stringify(wanted) } }
  }
  const index = stream === undefined ? 'rare_events' : 'rare_events_of_streams'
  const parts = wanted.map((_, number) => `${select(options, index)} AND type = @type${number} AND ${isRare}`)
  const named = Object.fromEntries(wanted.map((type, number) => [`type${number}`, type]))
  return { sql: inOrder(options, parts.join(' UNION ALL ')), parameters: { ...bounds, ...named } }
}

function select({ stream, until }: ReadOptions, index?: string): string {
  const bound = boundOf(stream)
  const columns = stream === undefined ? eventColumns : columnsOfStream
  return [
    `SELECT ${columns} FROM events ${index === undefined ? '' : `INDEXED BY ${index}`} WHERE ${bound} > @after`,
    stream === undefined ? '' : 'AND stream = @stream',
    until === undefined ? '' : `AND ${bound} <= @until`,
  ].join(' ')
}

/** Where a limit is a parameter and nothing else, SQLite plans the query anew for every number: most of what a page cost. */
const limit = 'LIMIT @size + 0'

function inOrder({ stream, backwards = false }: ReadOptions, sql: string): string {
  return `${sql} ORDER BY ${boundOf(stream)} ${backwards ? 'DESC' : 'ASC'} ${limit}`
}

/** What bounds are about: versions in a stream, positions in the whole journal. */
export function boundOf(stream: string | undefined): 'version' | 'position' {
  return stream === undefined ? 'position' : 'version'
}
