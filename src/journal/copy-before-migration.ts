import { randomUUID } from 'node:crypto'
import { renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3'
import { describeError } from '../errors/chronograd-error.ts'
import { JournalOpenError } from './journal-errors.ts'
import { syncFile, syncFolder } from './sync-to-disk.ts'

/**
 * Keeps a whole copy of a journal beside it, as it is before its schema is changed: `journal.sqlite.version-3`.
 *
 * It is read through a connection of its own, so the caller may, and must, hold the journal's write lock meanwhile:
 * nothing can be appended between the copy and the change, and of two processes that open an old journal at once only
 * one makes the copy. It gets its name when the disk has all of it; an earlier copy of that name, which a process left
 * that was killed before it changed anything, is replaced.
 *
 * @returns the copy's path
 * @throws JournalOpenError when it cannot be written, as on a full disk; nothing is left of it then
 */
export function keepCopy(file: string, version: number): string {
  const copy = `${file}.version-${version}`
  const temporary = `${copy}.${randomUUID()}.tmp`
  try {
    const reader = new Database(file, { readonly: true })
    try {
      reader.prepare('VACUUM INTO ?').run(temporary)
    } finally {
      reader.close()
    }
    syncFile(temporary)
    renameSync(temporary, copy)
    syncFolder(path.dirname(file))
    return copy
  } catch (error) {
    rmSync(temporary, { force: true })
    // Room would not help a journal that is damaged.
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_CORRUPT')) throw error
    throw new JournalOpenError(
      file,
      `has schema version ${version} and is brought up to date only after a copy of it was written to ${copy}, which failed (${describeError(error)}); make room there, or check that the folder can be written to. The journal is as it was.`,
      { cause: error },
    )
  }
}
