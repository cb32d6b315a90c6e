import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describeError } from '../../errors/chronograd-error.ts'
import type { StoredEvent } from '../stored-event.ts'
import { ArchiveDamagedError } from './archive-errors.ts'
import type { ArchivedChunk } from './archived-chunk.ts'

/** Events as a gzip file of JSON lines, each an event exactly as it was stored: the same events give the same bytes. */
export function packEvents(events: readonly StoredEvent[]): Buffer {
  return gzipSync(events.map(event => `${JSON.stringify(event)}\n`).join(''))
}

export function unpackEvents(bytes: Buffer): StoredEvent[] {
  const lines = gunzipSync(bytes).toString('utf8').split('\n')
  return lines.filter(line => line !== '').map(line => JSON.parse(line) as StoredEvent)
}

/** In hexadecimal. */
export function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/**
 * Reads the events of a chunk, which must be those that the database speaks of.
 *
 * @param folder the journal's
 * @throws ArchiveDamagedError when the file is missing, changed or not about these events
 */
export function readChunk(folder: string, chunk: ArchivedChunk): StoredEvent[] {
  const file = path.join(folder, chunk.uri)
  const damaged = (reason: string, options?: ErrorOptions) =>
    new ArchiveDamagedError(file, chunk.stream, `${chunk.firstVersion} to ${chunk.lastVersion}`, reason, options)
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (cause) {
    throw damaged(`cannot be read (${describeError(cause)})`, { cause })
  }
  const found = sha256Of(bytes)
  if (found !== chunk.sha256) throw damaged(`has the SHA-256 ${found} instead of ${chunk.sha256}`)
  const events = unpackEvents(bytes)
  const [first, last] = [events[0], events.at(-1)]
  const isThese =
    events.length === chunk.events &&
    first?.version === chunk.firstVersion &&
    first.position === chunk.firstPosition &&
    last?.version === chunk.lastVersion &&
    last.position === chunk.lastPosition &&
    events.every(event => event.stream === chunk.stream)
  if (!isThese) throw damaged('holds other events than the database says')
  return events
}
