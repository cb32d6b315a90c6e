import { cpSync } from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3'
import type { TrainingEvent } from '../../src/events/training-events.ts'
import { Journal } from '../../src/journal/journal.ts'
import { Store } from '../../src/storage/store.ts'

/** Copies the first events of a journal, and nothing else of it, into a new file. */
export function copyPrefix(from: string, to: string, position: number): void {
  Journal.open(to).close()
  const database = new Database(to)
  try {
    const columns = 'position, stream, version, id, type, schema, at, data, meta, hash'
    database.prepare('ATTACH ? AS whole').run(from)
    database
      .prepare(`INSERT INTO events (${columns}) SELECT ${columns} FROM whole.events WHERE position <= ?`)
      .run(position)
  } finally {
    database.close()
  }
}

/**
 * Makes the store that a process would have left which died right after the journal's event at a position: its log,
 * and the checkpoints that were saved and not yet deleted by then.
 *
 * @param store one that no checkpoint's file was removed from
 */
export function storeAsOf(store: string, position: number, folder: string): void {
  const [whole, prefix] = [new Store(store), new Store(folder)]
  copyPrefix(whole.journalPath, prefix.journalPath, position)
  const journal = Journal.open(prefix.journalPath, { readOnly: true })
  try {
    for (const event of journal.read() as Iterable<TrainingEvent>) {
      if (event.type !== 'checkpoint.saved') continue
      const { uri } = event.data
      cpSync(path.join(whole.folder, uri), path.join(prefix.folder, uri))
    }
  } finally {
    journal.close()
  }
}
