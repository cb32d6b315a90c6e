import type Database from 'better-sqlite3'

/** A statement on one database, by its text. */
export type Prepare = (sql: string) => Database.Statement<unknown[]>

/** Prepares each statement when it is first asked for, and gives the same one from then on: preparing takes longer than many run. */
export function preparedOnce(database: Database.Database): Prepare {
  const known = new Map<string, Database.Statement<unknown[]>>()
  return sql => {
    let prepared = known.get(sql)
    if (prepared === undefined) {
      prepared = database.prepare<unknown[]>(sql)
      known.set(sql, prepared)
    }
    return prepared
  }
}
