import { existsSync, mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3'

/** How long another process may write meanwhile, in milliseconds. */
const patience = 5_000

/**
 * Small pictures of a split by the keys of its samples, in one SQLite file, so that who shows a run needs neither its data
 * nor its configuration. It can be made again at any time, so it is not brought to disk with care, and one that is damaged
 * is begun anew.
 */
export class PictureAlbum {
  readonly #database: Database.Database

  private constructor(database: Database.Database) {
    this.#database = database
  }

  /** Opens the album at `file` for writing, and begins it where there is none that can be read. */
  static open(file: string): PictureAlbum {
    mkdirSync(path.dirname(file), { recursive: true })
    try {
      return new PictureAlbum(begun(file))
    } catch (error) {
      if (!isDamage(error)) throw error
      rmSync(file)
      return new PictureAlbum(begun(file))
    }
  }

  /** Those of the keys that have no picture yet. */
  missing(keys: Iterable<string>): string[] {
    const has = this.#database.prepare('SELECT 1 FROM pictures WHERE key = ?')
    return [...keys].filter(key => has.get(key) === undefined)
  }

  /** Adds pictures; those that are there already stay. */
  add(pictures: readonly (readonly [key: string, webp: Uint8Array])[]): void {
    const add = this.#database.prepare('INSERT OR IGNORE INTO pictures (key, webp) VALUES (?, ?)')
    this.#database.transaction(() => {
      for (const [key, webp] of pictures) add.run(key, webp)
    })()
  }

  close(): void {
    this.#database.close()
  }
}

/** A sample's small picture from the album at `file`; undefined where there is none, or no album that can be read. */
export function pictureFrom(file: string, key: string): Uint8Array | undefined {
  if (!existsSync(file)) return undefined
  let database: Database.Database | undefined
  try {
    database = new Database(file, { readonly: true, timeout: patience })
    // A view of that name could be made to compute for ever.
    const isTable = database.prepare("SELECT type = 'table' FROM sqlite_schema WHERE name = 'pictures'").pluck().get()
    if (isTable !== 1) return undefined
    const found = database.prepare('SELECT webp FROM pictures WHERE key = ?').pluck().get(key)
    return found instanceof Uint8Array && isWebp(found) ? found : undefined
  } catch (error) {
    if (error instanceof Database.SqliteError) return undefined
    throw error
  } finally {
    database?.close()
  }
}

function begun(file: string): Database.Database {
  const database = new Database(file, { timeout: patience })
  try {
    database.pragma('synchronous = OFF')
    database.exec('CREATE TABLE IF NOT EXISTS pictures (key TEXT PRIMARY KEY, webp BLOB NOT NULL) WITHOUT ROWID')
    database.prepare('SELECT key, webp FROM pictures LIMIT 1').get()
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** Whether the file is something else, or was cut short. */
function isDamage(error: unknown): boolean {
  if (!(error instanceof Database.SqliteError)) return false
  return ['SQLITE_NOTADB', 'SQLITE_ERROR'].includes(error.code) || error.code.startsWith('SQLITE_CORRUPT')
}

/** Nothing else is ever handed to a browser, whatever somebody has put into the file. */
function isWebp(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.subarray(0, 12)).toString('latin1')
  return head.startsWith('RIFF') && head.endsWith('WEBP')
}
