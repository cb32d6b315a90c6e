import type Database from 'better-sqlite3'

/** What the database keeps of events that lie in a file: where they are, and what vouches for them. */
export interface ArchivedChunk {
  readonly chunk: number
  readonly stream: string
  readonly firstVersion: number
  readonly lastVersion: number
  readonly firstPosition: number
  readonly lastPosition: number
  readonly events: number
  /** The types that occur, as a JSON array. */
  readonly types: string
  /** The file's path below the journal's folder, with forward slashes. */
  readonly uri: string
  readonly bytes: number
  /** Of the file, in hexadecimal. */
  readonly sha256: string
}

/** The columns of {@link ArchivedChunk}. */
export const chunkColumns = `chunk, stream, first_version AS firstVersion, last_version AS lastVersion,
  first_position AS firstPosition, last_position AS lastPosition, events, types, uri, bytes, sha256`

/** All chunks of a journal, or of one stream, oldest first. */
export function archivedChunks(database: Database.Database, stream?: string): ArchivedChunk[] {
  return database
    .prepare<[{ stream: string | undefined }], ArchivedChunk>(
      `SELECT ${chunkColumns} FROM archived_chunks ${stream === undefined ? '' : 'WHERE stream = @stream'}
       ORDER BY stream, last_version`,
    )
    .all({ stream })
}
