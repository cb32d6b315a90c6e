import type { HashedFields } from './hash-chain.ts'

/** An event exactly as it is stored. */
export interface StoredEvent extends HashedFields {
  readonly position: number
  /** In hexadecimal, lower case. */
  readonly hash: string
}

/** The columns of {@link StoredRow}, in order. SQLite spells the hash quicker than a Buffer would. */
export const eventColumns = 'position, stream, version, id, type, schema, at, data, meta, lower(hex(hash))'

/** A row of the events table as an array: half the cost of an object with named columns. */
export type StoredRow = readonly [
  position: number,
  stream: string,
  version: number,
  id: string,
  type: string,
  schema: number,
  at: number,
  data: string,
  meta: string,
  hash: string,
]

export function storedEvent(row: StoredRow): StoredEvent {
  const [position, stream, version, id, type, schema, at, data, meta, hash] = row
  return { position, stream, version, id, type, schema, at, data, meta, hash }
}
