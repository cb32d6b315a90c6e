/**
 * What the journal costs: single appends, batches and reads of `step.completed`, beside bare inserts and reads of rows
 * of the same size, in turn and over several rounds.
 *
 *     node --import tsx bench/journal.ts [rounds]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import path from 'node:path'
import Database from 'better-sqlite3'
import { Journal } from '../src/journal/journal.ts'

const events = 5_000
const batchSize = 500

const fact = (step: number) => ({
  type: 'step.completed',
  data: {
    step,
    epoch: 1,
    batch: step,
    loss: 5 / step,
    learningRate: 1e-3,
    logitScale: 14.3,
    gradientNorm: 1.7 / step,
    examples: 256,
    durationMs: 250.25,
    dataWaitMs: 1.5,
    metrics: {},
  },
})

/** Microseconds an event. */
function time(work: () => void): number {
  const started = performance.now()
  work()
  return ((performance.now() - started) * 1000) / events
}

function measureJournal(folder: string): Record<string, number> {
  const journal = Journal.open(path.join(folder, 'journal.sqlite'))
  try {
    const single = time(() => {
      for (let step = 1; step <= events; step++) {
        journal.append('run/single', [fact(step)], { expectedVersion: step - 1 })
      }
    })
    const batch = time(() => {
      for (let step = 1; step <= events; step += batchSize) {
        journal.append(
          'run/batch',
          Array.from({ length: batchSize }, (_, index) => fact(step + index)),
        )
      }
    })
    let read = 0
    const reading = time(() => {
      for (const _ of journal.read({ stream: 'run/single' })) read++
    })
    if (read !== events) throw new Error(`${read} events were read of ${events}.`)
    return { 'append, one': single, [`append, ${batchSize} at once`]: batch, read: reading }
  } finally {
    journal.close()
  }
}

/** The same bytes with nothing checked, hashed or decoded. */
function measureBare(folder: string): Record<string, number> {
  const database = new Database(path.join(folder, 'bare.sqlite'))
  try {
    database.pragma('journal_mode = WAL')
    database.pragma('synchronous = NORMAL')
    database.exec(`CREATE TABLE events (position INTEGER PRIMARY KEY, stream TEXT, version INTEGER, id TEXT UNIQUE,
      type TEXT, schema INTEGER, at INTEGER, data TEXT, meta TEXT, hash BLOB, UNIQUE (stream, version))`)
    const insert = database.prepare(
      'INSERT INTO events (stream, version, id, type, schema, at, data, meta, hash) VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?)',
    )
    const hash = Buffer.alloc(32)
    const put = (stream: string, step: number) => {
      const { type, data } = fact(step)
      insert.run(stream, step, `${stream}/${step}`, type, Date.now(), JSON.stringify(data), '{}', hash)
    }
    const single = time(() => {
      for (let step = 1; step <= events; step++) put('run/single', step)
    })
    const putAll = database.transaction((from: number) => {
      for (let step = from; step < from + batchSize; step++) put('run/batch', step)
    })
    const batch = time(() => {
      for (let step = 1; step <= events; step += batchSize) putAll(step)
    })
    const select = database.prepare('SELECT * FROM events WHERE stream = ? ORDER BY version')
    const reading = time(() => {
      for (const row of select.iterate('run/single')) JSON.parse((row as { data: string }).data)
    })
    return { 'append, one': single, [`append, ${batchSize} at once`]: batch, read: reading }
  } finally {
    database.close()
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.NaN
}

const rounds = Number(process.argv[2] ?? 7)
const ours: Record<string, number>[] = []
const bare: Record<string, number>[] = []
for (let round = 0; round < rounds; round++) {
  const folder = mkdtempSync(path.join(tmpdir(), 'chronograd-bench-'))
  try {
    ours.push(measureJournal(folder))
    bare.push(measureBare(folder))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const date = new Date().toISOString().slice(0, 10)
console.log(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.versions.node}, ${date}, ${rounds} rounds, medians`)
for (const name of Object.keys(ours[0] ?? {})) {
  const [journal, plain] = [ours, bare].map(round => median(round.map(values => values[name] ?? Number.NaN)))
  const ratio = (plain ?? Number.NaN) / (journal ?? Number.NaN)
  console.log(
    `${name.padEnd(22)} journal ${journal?.toFixed(1)} µs, bare SQLite ${plain?.toFixed(1)} µs an event, ratio ${ratio.toFixed(2)}`,
  )
}
