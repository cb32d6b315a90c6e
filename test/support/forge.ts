import Database from 'better-sqlite3'
import { chainHash, chainStart, type HashedFields } from '../../src/journal/hash-chain.ts'
import { Journal } from '../../src/journal/journal.ts'
import { runStream, Store } from '../../src/storage/store.ts'
import { replay } from '../../src/subscribers/replay.ts'
import { standardSubscribers } from '../../src/subscribers/standard-subscribers.ts'

/** An event as a forger sees it: its type, its attempt, and its data, to be changed in place. */
export interface ForgedEvent {
  readonly version: number
  readonly type: string
  readonly attempt: number | undefined
  // biome-ignore lint/suspicious/noExplicitAny: stored JSON of any event
  readonly data: any
}

/**
 * Rewrites a run's log as somebody would who wants it to be believed: changes events, makes the whole hash chain anew, and
 * has the projections and the stored states follow.
 *
 * @param change changes an event's data in place
 */
export async function forge(store: string, run: string, change: (event: ForgedEvent) => void): Promise<void> {
  const { journalPath } = new Store(store)
  const stream = runStream(run)
  const database = new Database(journalPath)
  const rows = database.prepare('SELECT * FROM events WHERE stream = ? ORDER BY version').all(stream)
  const update = database.prepare('UPDATE events SET data = ?, hash = ? WHERE stream = ? AND version = ?')
  let link = chainStart
  for (const row of rows as HashedFields[]) {
    const data = JSON.parse(row.data)
    const { attempt } = JSON.parse(row.meta)
    change({ version: row.version, type: row.type, attempt, data })
    const text = JSON.stringify(data)
    link = chainHash(link, { ...row, data: text })
    update.run(text, Buffer.from(link, 'hex'), stream, row.version)
  }
  database.prepare('DELETE FROM snapshots WHERE stream = ?').run(stream)
  database.close()
  const journal = Journal.open(journalPath)
  try {
    await replay(journal, stream, { subscribers: standardSubscribers })
  } finally {
    journal.close()
  }
}
