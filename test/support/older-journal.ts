import { rmSync } from 'node:fs'
import Database from 'better-sqlite3'
import type { NewEvent, RecordedEvent } from '../../src/events/recorded-event.ts'
import { Journal } from '../../src/journal/journal.ts'
import { migrations } from '../../src/journal/migrations.ts'

/** Writes a journal as a Chronograd made it that knew only the first `version` migrations, with events of `run/a`. */
export function writeOlderJournal(file: string, version: number, events: readonly NewEvent[]): RecordedEvent[] {
  const today = `${file}.today`
  const source = Journal.open(today)
  const recorded = source.append('run/a', events)
  source.close()

  const old = new Database(file)
  for (const migration of migrations.slice(0, version)) old.exec(migration)
  old.pragma(`application_id = ${0x43485247}`)
  old.pragma(`user_version = ${version}`)
  old.prepare('ATTACH ? AS source').run(today)
  old.exec('INSERT INTO events SELECT * FROM source.events; DETACH source')
  // As every Chronograd that opened it has left it.
  old.pragma('journal_mode = WAL')
  old.close()
  rmSync(today)
  return recorded
}
