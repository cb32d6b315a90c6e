/**
 * The rounds of `journal` for better-sqlite3 alone. Its rows have the bytes of ours, and nothing is checked, hashed or
 * versioned. In the same table it keeps the constraints and indices that let ours keep its promises; the plain table has
 * none of them. Both have the journal's settings of SQLite.
 */
import path from 'node:path'
import Database from 'better-sqlite3'
import { newEventId } from '../../src/journal/event-id.ts'
import { migrations } from '../../src/journal/migrations.ts'
import type { Values } from '../framework/definition.ts'
import { serveRounds } from '../framework/serve-rounds.ts'
import { inFolder } from '../log/killed-run.ts'
import { stepFact } from '../log/step-fact.ts'
import { evolve, initialState, madeUpRun } from './made-up-run.ts'
import { assertCount, batchSize, costOf } from './workload.ts'

const stream = 'run/bench'
const beside = 'run/beside'

const tables: Readonly<Record<string, string>> = {
  same: migrations.join('\n'),
  plain: `CREATE TABLE events (position INTEGER PRIMARY KEY, stream TEXT, version INTEGER, id TEXT, type TEXT,
    schema INTEGER, at INTEGER, data TEXT, meta TEXT, hash BLOB)`,
}

interface Row {
  readonly version: number
  readonly type: string
  readonly data: string
}

type Put = (stream: string, version: number, fact: { readonly type: string; readonly data: unknown }) => void

const inDatabase = (
  table: unknown,
  work: (put: Put, database: Database.Database) => Promise<Values>,
): Promise<Values> =>
  inFolder(async folder => {
    const database = new Database(path.join(folder, 'bare.sqlite'))
    try {
      database.pragma('journal_mode = WAL')
      database.pragma('synchronous = NORMAL')
      database.pragma('wal_autocheckpoint = 4000')
      database.exec(tables[String(table)] ?? '')
      const insert = database.prepare(
        'INSERT INTO events (stream, version, id, type, schema, at, data, meta, hash) VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?)',
      )
      const hash = Buffer.alloc(32)
      return await work((stream, version, { type, data }) => {
        insert.run(stream, version, newEventId(), type, Date.now(), JSON.stringify(data), '{}', hash)
      }, database)
    } finally {
      database.close()
    }
  })

await serveRounds({
  store: ({ table, events }) =>
    inDatabase(table, async (put, database) => {
      const count = Number(events)
      const one = await costOf('append one', count, () => {
        for (let step = 1; step <= count; step++) put(stream, step, stepFact(step))
      })
      const putBatch = database.transaction((from: number) => {
        for (let step = from; step < from + batchSize; step++) put(beside, step, stepFact(step))
      })
      const many = await costOf('append 500 at once', count, () => {
        for (let step = 1; step <= count; step += batchSize) putBatch(step)
      })
      const select = database.prepare<[string], Row>('SELECT * FROM events WHERE stream = ? ORDER BY version')
      let found = 0
      const read = await costOf('read', count, () => {
        for (const { data } of select.iterate(beside)) {
          JSON.parse(data)
          found++
        }
      })
      assertCount(found, count)
      return { ...one, ...many, ...read }
    }),

  replay: ({ table, events }) =>
    inDatabase(table, async (put, database) => {
      const count = Number(events)
      const facts = madeUpRun(count)
      database.transaction(() => {
        for (const [index, fact] of facts.entries()) put(stream, index + 1, fact)
      })()
      const select = database.prepare<[string, number], Row>(
        'SELECT type, data FROM events WHERE stream = ? AND version <= ? ORDER BY version',
      )
      const fold = (until: number) => {
        let state = initialState()
        for (const { type, data } of select.iterate(stream, until))
          state = evolve(state, { type, data: JSON.parse(data) })
        return state
      }
      const all = await costOf('fold the whole log', count, () => assertCount(fold(count).version, count))
      const one = await costOf('state at a version', 1, () => fold(Math.floor(count * 0.8) + 7))
      return { ...all, ...one }
    }),
})
