import type { Journal } from '../../src/journal/journal.ts'

/** Lets the journal's file grow by so many pages and no more, as a disk would that is about to be full. */
export function leaveRoom(journal: Journal, pages: number): void {
  journal.query(database => {
    const used = database.pragma('page_count', { simple: true }) as number
    database.pragma(`max_page_count = ${used + pages}`)
  })
}
