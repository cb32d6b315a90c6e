import type { HashedFields } from './hash-chain.ts'

/** An event exactly as it is stored. */
export interface StoredEvent extends HashedFields {
  readonly position: number
  /** In hexadecimal, lower case. */
  readonly hash: string
}

/** The columns of {@link StoredRow}, in order. SQLite spells the hash quicker than a Buffer would. */
export const eventColumns = 'position, stream, version, id, type, schema, at, data, meta, lower(hex(hash))'

/** The same for whoever knows the stream: a text that is left out is a fourteenth of what it costs to read an event. */
export const columnsOfStream = eventColumns.replace('stream', 'NULL')

/** A row of the events table as an array: half the cost of an object with named columns. */
export type StoredRow = readonly [
  position: number,
  stream: string | null,
  version: number,
  id: string,
  type: string,
  schema: number,
  at: number,
  data: string,
  meta: string,
  hash: string,
]

/** @param known the stream, where it was not asked for */
export function storedEvent(row: StoredRow, known = ''): StoredEvent {
  const [position, found, version, id, type, schema, at, data, meta, hash] = row
  const stream = found ?? known
  return { position, stream, version, id, type, schema, at, data, meta, hash }
}
