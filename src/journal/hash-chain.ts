import { createHash } from 'node:crypto'

/** The stored bytes of an event that its hash vouches for. */
export interface HashedFields {
  readonly stream: string
  readonly version: number
  readonly id: string
  readonly type: string
  readonly schema: number
  readonly at: number
  readonly data: string
  readonly meta: string
}

/** What the first event of a stream is chained to. */
export const chainStart = Buffer.alloc(32)

/**
 * The hash of an event: SHA-256 over the previous event's hash in the stream and this event's fields exactly as they
 * are stored. Fields go in as a JSON array, so no two different events have the same bytes. Whoever changes, drops,
 * adds or swaps an event must recompute every later hash of the stream.
 */
export function chainHash(previous: Uint8Array, event: HashedFields): Buffer {
  const { stream, version, id, type, schema, at, data, meta } = event
  return createHash('sha256')
    .update(previous)
    .update(JSON.stringify([stream, version, id, type, schema, at, data, meta]))
    .digest()
}
