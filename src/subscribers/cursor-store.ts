import type Database from 'better-sqlite3'

/** The scope of a subscriber that follows the whole journal rather than one stream. */
export const wholeJournal = '*'

/** How far a subscriber has come in a scope, as the journal's database remembers it. */
export interface CursorRow {
  readonly subscriber: string
  readonly scope: string
  readonly revision: number
  /** The version (in a stream) or position (in the whole journal) of the last event handled. */
  readonly cursor: number
  readonly status: 'following' | 'parked'
  /** The position of the event that it could not handle, and why. */
  readonly failed_at: number | null
  readonly error: string | null
}

/** Every cursor in a scope, by subscriber. */
export function cursorsOf(database: Database.Database, scope: string): CursorRow[] {
  return database.prepare<[string], CursorRow>('SELECT * FROM cursors WHERE scope = ? ORDER BY subscriber').all(scope)
}

/** The cursor of one subscriber in one scope. Reads and writes belong in the transaction of its projection. */
export class CursorStore {
  readonly #database: Database.Database
  readonly #subscriber: string
  readonly #scope: string
  readonly #select: Database.Statement<[string, string], CursorRow>
  readonly #advance: Database.Statement<[string, string, number, number]>

  constructor(database: Database.Database, subscriber: string, scope: string) {
    this.#database = database
    this.#subscriber = subscriber
    this.#scope = scope
    this.#select = database.prepare('SELECT * FROM cursors WHERE subscriber = ? AND scope = ?')
    this.#advance = database.prepare(
      `INSERT INTO cursors (subscriber, scope, revision, cursor, status) VALUES (?, ?, ?, ?, 'following')
       ON CONFLICT DO UPDATE SET
         revision = excluded.revision, cursor = excluded.cursor, status = 'following', failed_at = NULL, error = NULL`,
    )
  }

  read(): CursorRow | undefined {
    return this.#select.get(this.#subscriber, this.#scope)
  }

  advance(revision: number, cursor: number): void {
    this.#advance.run(this.#subscriber, this.#scope, revision, cursor)
  }

  park(revision: number, failedAt: number, error: string): void {
    this.#database
      .prepare(
        `INSERT INTO cursors (subscriber, scope, revision, cursor, status, failed_at, error) VALUES (?, ?, ?, 0, 'parked', ?, ?)
         ON CONFLICT DO UPDATE SET status = 'parked', failed_at = excluded.failed_at, error = excluded.error`,
      )
      .run(this.#subscriber, this.#scope, revision, failedAt, error)
  }

  forget(): void {
    this.#database.prepare('DELETE FROM cursors WHERE subscriber = ? AND scope = ?').run(this.#subscriber, this.#scope)
  }

  /** Whether the subscriber was here before with tables of another revision, in any scope. */
  hasOtherRevision(revision: number): boolean {
    return (
      this.#database
        .prepare('SELECT 1 FROM cursors WHERE subscriber = ? AND revision <> ?')
        .get(this.#subscriber, revision) !== undefined
    )
  }

  forgetEveryScope(): void {
    this.#database.prepare('DELETE FROM cursors WHERE subscriber = ?').run(this.#subscriber)
  }
}
