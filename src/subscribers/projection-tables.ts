import type Database from 'better-sqlite3'
import type { Subscriber } from './subscriber.ts'

/** Creates the tables that a subscriber lacks. */
export function createTables(database: Database.Database, { tables = {} }: Subscriber): void {
  for (const [table, columns] of Object.entries(tables)) {
    database.exec(`CREATE TABLE IF NOT EXISTS ${table} (stream TEXT NOT NULL, ${columns}) STRICT`)
  }
}

/** Removes a subscriber's tables with all that is in them. */
export function dropTables(database: Database.Database, { tables = {} }: Subscriber): void {
  for (const table of Object.keys(tables)) database.exec(`DROP TABLE IF EXISTS ${table}`)
}

/** Removes what a subscriber made of one stream, or of all of them. */
export function clearTables(database: Database.Database, { tables = {} }: Subscriber, stream?: string): void {
  for (const table of Object.keys(tables)) {
    if (stream === undefined) database.exec(`DELETE FROM ${table}`)
    else database.prepare(`DELETE FROM ${table} WHERE stream = ?`).run(stream)
  }
}

/** The rows of one stream in a table, in an order that depends on nothing but their values. */
export function tableRows(database: Database.Database, table: string, stream: string): IterableIterator<unknown> {
  const columns = database.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(table) as string[]
  const order = columns.map(column => `"${column}"`).join(', ')
  return database.prepare(`SELECT * FROM ${table} WHERE stream = ? ORDER BY ${order}`).iterate(stream)
}

/** How many rows of one stream each of a subscriber's tables has. */
export function rowCounts(
  database: Database.Database,
  { tables = {} }: Subscriber,
  stream: string,
): Record<string, number> {
  return Object.fromEntries(
    Object.keys(tables).map(table => [
      table,
      database.prepare(`SELECT count(*) FROM ${table} WHERE stream = ?`).pluck().get(stream) as number,
    ]),
  )
}
