import { randomUUID } from 'node:crypto'

/**
 * A new UUID of version 7 (RFC 9562): milliseconds first, then random bits. Ids that rise with time are added at one
 * end of their index, where random ones would touch a page of it each.
 */
export function newEventId(): string {
  const time = Date.now().toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`
}
