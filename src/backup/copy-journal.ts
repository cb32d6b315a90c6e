import Database from 'better-sqlite3'

/** Pages that are copied at a stretch before others get their turn: 4 MB. */
const pagesAtOnce = 1_000

/**
 * Copies a journal with SQLite's backup interface, as it is at the moment of the call and while others write to it.
 *
 * SQLite begins a backup again whenever another process has written, which during a training is always. So the source
 * is held at one moment by a read transaction, which the write-ahead log makes possible and which nobody has to wait for.
 * The copy is one file without a write-ahead log, so that it can also be read where nothing can be written.
 *
 * @param onProgress is told how many of how many pages are copied
 */
export async function copyJournal(
  source: string,
  destination: string,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<void> {
  const database = new Database(source, { readonly: true })
  try {
    database.exec('BEGIN')
    database.prepare('SELECT count(*) FROM sqlite_schema').get()
    await database.backup(destination, {
      progress({ totalPages, remainingPages }) {
        onProgress(totalPages - remainingPages, totalPages)
        return pagesAtOnce
      },
    })
  } finally {
    database.close()
  }
  const copy = new Database(destination)
  try {
    copy.pragma('journal_mode = DELETE')
  } finally {
    copy.close()
  }
}
