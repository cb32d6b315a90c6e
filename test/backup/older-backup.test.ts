import { mkdirSync, readdirSync } from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { writeManifest } from '../../src/backup/manifest.ts'
import { restoreStore } from '../../src/backup/restore-store.ts'
import { JournalOpenError } from '../../src/journal/journal-errors.ts'
import { hashFile } from '../../src/storage/hash-file.ts'
import { manyContinued } from '../support/facts.ts'
import { writeOlderJournal } from '../support/older-journal.ts'
import { rejectedBy } from '../support/rejected.ts'
import { reading } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('a backup of another version')

/** A backup as a Chronograd of that version made it, of five events. */
async function writeBackup(folder: string, version: number): Promise<void> {
  mkdirSync(folder)
  const file = path.join(folder, 'journal.sqlite')
  writeOlderJournal(file, version, manyContinued(5))
  const journal = { ...(await hashFile(file)), runs: 1, events: 5 }
  const createdAt = new Date(0).toISOString()
  await writeManifest(folder, { format: 'chronograd-backup', version: 1, createdAt, journal, files: [], lost: [] })
}

test('that is older is brought up to date in the new store, and a copy of its journal kept', () =>
  inTemporaryFolder(async folder => {
    const backup = path.join(folder, 'backup')
    await writeBackup(backup, 2)
    const before = await hashFile(path.join(backup, 'journal.sqlite'))
    await restoreStore(backup, path.join(folder, 'runs'))
    assert.equal(readdirSync(path.join(folder, 'runs')).sort(), ['journal.sqlite', 'journal.sqlite.version-2'])
    assert.is(
      reading(path.join(folder, 'runs'), journal => [...journal.read()].length),
      5,
    )
    assert.equal(await hashFile(path.join(backup, 'journal.sqlite')), before)
  }))

test('that is newer is refused, and nothing is put in place', () =>
  inTemporaryFolder(async folder => {
    const backup = path.join(folder, 'backup')
    await writeBackup(backup, 2)
    const journal = new Database(path.join(backup, 'journal.sqlite'))
    journal.pragma('user_version = 99')
    journal.close()
    const manifest = { ...(await hashFile(path.join(backup, 'journal.sqlite'))), runs: 1, events: 5 }
    const createdAt = new Date(0).toISOString()
    await writeManifest(backup, {
      format: 'chronograd-backup',
      version: 1,
      createdAt,
      journal: manifest,
      files: [],
      lost: [],
    })
    const { message } = await rejectedBy(JournalOpenError, restoreStore(backup, path.join(folder, 'runs')))
    assert.match(message, 'update Chronograd')
    assert.equal(readdirSync(folder), ['backup'])
  }))
test.run()
