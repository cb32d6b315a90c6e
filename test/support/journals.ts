import path from 'node:path'
import { Journal, type JournalOptions } from '../../src/journal/journal.ts'
import { inTemporaryFolder } from './temporary-folder.ts'

/** Calls `use` with a new journal in a folder of its own; closes and removes both whatever comes of it. */
export function withJournal<Result>(
  use: (journal: Journal) => Result | Promise<Result>,
  options: JournalOptions = {},
): Promise<Result> {
  return inTemporaryFolder(async folder => {
    const journal = Journal.open(path.join(folder, 'journal.sqlite'), options)
    try {
      return await use(journal)
    } finally {
      journal.close()
    }
  })
}
