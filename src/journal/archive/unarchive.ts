import { rmSync } from 'node:fs'
import path from 'node:path'
import type Database from 'better-sqlite3'
import type { EventWriter } from '../event-writer.ts'
import { hashOfId } from './archive-reader.ts'
import { type ArchivedChunk, archivedChunks } from './archived-chunk.ts'
import { readChunk } from './chunk-file.ts'

/**
 * Brings a stream's archived events back to the database and removes the files.
 *
 * @returns each file whose events are back
 * @throws ArchiveDamagedError when a file is missing or damaged; what came before it is back
 */
export function* unarchiveEvents(
  database: Database.Database,
  writer: EventWriter,
  stream: string,
): Generator<ArchivedChunk, void, undefined> {
  const root = path.dirname(database.name)
  const insert = database.prepare(
    `INSERT INTO events (position, stream, version, id, type, schema, at, data, meta, hash)
     VALUES (@position, @stream, @version, @id, @type, @schema, @at, @data, @meta, unhex(@hash))`,
  )
  const forgetId = database.prepare('DELETE FROM archived_ids WHERE hash = ? AND chunk = ?')
  const forget = database.prepare('DELETE FROM archived_chunks WHERE chunk = ?')
  // The newest first: what is still archived is then always older than what is not.
  for (const chunk of archivedChunks(database, stream).reverse()) {
    const events = readChunk(root, chunk)
    writer.write(
      () => {
        for (const event of events) {
          insert.run(event)
          forgetId.run(hashOfId(event.id), chunk.chunk)
        }
        forget.run(chunk.chunk)
      },
      { durable: true },
    )
    rmSync(path.join(root, chunk.uri), { force: true })
    yield chunk
  }
}
