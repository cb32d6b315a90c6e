import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BackupError, RestoreError } from '../../src/backup/backup-errors.ts'
import { backupStore } from '../../src/backup/backup-store.ts'
import { restoreStore } from '../../src/backup/restore-store.ts'
import { JournalOpenError } from '../../src/journal/journal-errors.ts'
import { hashFile } from '../../src/storage/hash-file.ts'
import { Store } from '../../src/storage/store.ts'
import { colourRun } from '../support/colour-run.ts'
import { canMount, onSmallDisk } from '../support/disks.ts'
import { rejectedBy } from '../support/rejected.ts'
import { factsOf, finalHash, train } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('backups of a store, and their damage')

/** Calls `use` with a store in which the colour run was trained, and with a folder for backups. */
function withTrained(use: (store: string, folder: string) => Promise<void>): Promise<void> {
  return inTemporaryFolder(async folder => {
    const store = path.join(folder, 'runs')
    await train(colourRun({ epochs: 2 }), { store })
    await use(store, folder)
  })
}

const checkpointsOf = (store: string): string[] =>
  readdirSync(new Store(store).checkpointFolder('colours')).map(name => `colours/checkpoints/${name}`)

/** Changes one byte in the middle of a file. */
function flip(file: string): void {
  const bytes = readFileSync(file)
  const middle = Math.floor(bytes.length / 2)
  bytes[middle] = (bytes[middle] ?? 0) ^ 1
  writeFileSync(file, bytes)
}

test('a backup holds the journal, the checkpoints and the tokenizer, restores to the same, and may be read only', () =>
  withTrained(async (store, folder) => {
    const backup = path.join(folder, 'new', 'backup')
    const tasks = new Set<string>()
    const summary = await backupStore(store, backup, {
      onProgress({ task, done, total }) {
        tasks.add(task)
        assert.ok(done <= total)
      },
    })
    assert.equal([...tasks].sort(), ['checks', 'files', 'journal'])
    const held = readdirSync(backup, { recursive: true, encoding: 'utf8' }).filter(name => path.extname(name) !== '')
    const expected = [...checkpointsOf(store), 'colours/tokenizer.json', 'journal.sqlite', 'manifest.json']
    assert.equal(held.sort(), expected.sort())
    assert.equal([summary.folder, summary.runs, summary.lost], [backup, 1, []])
    assert.is(summary.files, expected.length - 2)
    assert.equal(readdirSync(path.dirname(backup)), ['backup'])

    const restored = path.join(folder, 'elsewhere')
    mkdirSync(restored)
    assert.equal(await restoreStore(backup, restored), { ...summary, folder: restored })
    assert.equal(factsOf(restored, 'colours'), factsOf(store, 'colours'))
    for (const uri of [...checkpointsOf(store), 'colours/tokenizer.json']) {
      assert.equal(await hashFile(path.join(restored, uri)), await hashFile(path.join(store, uri)))
    }
  }))

test('nothing that is there is overwritten', () =>
  withTrained(async (store, folder) => {
    const backup = path.join(folder, 'backup')
    await backupStore(store, backup)
    const manifest = readFileSync(path.join(backup, 'manifest.json'))
    assert.match((await rejectedBy(BackupError, backupStore(store, backup))).message, 'already')
    assert.ok(readFileSync(path.join(backup, 'manifest.json')).equals(manifest))
    const before = finalHash(store, 'colours', 8)
    assert.match((await rejectedBy(RestoreError, restoreStore(backup, store))).message, 'left as it is')
    assert.is(finalHash(store, 'colours', 8), before)
    const file = path.join(folder, 'file')
    writeFileSync(file, 'mine')
    await rejectedBy(RestoreError, restoreStore(backup, file))
    assert.is(readFileSync(file, 'utf8'), 'mine')
    for (const inside of [store, path.join(store, 'backup')]) {
      assert.match((await rejectedBy(BackupError, backupStore(store, inside))).message, 'in the store itself')
    }
    assert.equal(readdirSync(folder).sort(), ['backup', 'file', 'runs'])
  }))

test('where there is no store, nothing is made', () =>
  inTemporaryFolder(async folder => {
    await rejectedBy(JournalOpenError, backupStore(path.join(folder, 'runs'), path.join(folder, 'a', 'backup')))
    assert.equal(readdirSync(folder), [])
  }))

test('a checkpoint that is missing or damaged is named, and everything else is kept', () =>
  withTrained(async (store, folder) => {
    const [missing = '', broken = ''] = checkpointsOf(store)
    rmSync(path.join(store, missing))
    flip(path.join(store, broken))
    const { lost, files } = await backupStore(store, path.join(folder, 'backup'))
    assert.equal(lost.map(({ uri }) => uri).sort(), [missing, broken].sort())
    assert.match(lost.find(({ uri }) => uri === missing)?.reason ?? '', 'no such file')
    assert.match(lost.find(({ uri }) => uri === broken)?.reason ?? '', 'SHA-256')
    assert.is(files, 1)
    const restored = path.join(folder, 'restored')
    assert.equal((await restoreStore(path.join(folder, 'backup'), restored)).lost, lost)
    assert.not(existsSync(path.join(restored, broken)))
  }))

test('of a damaged journal no backup is made, and the sentence says what is wrong', () =>
  withTrained(async (store, folder) => {
    const journal = new Database(new Store(store).journalPath)
    journal.exec(`UPDATE events SET data = replace(data, '"step":3', '"step":4') WHERE type = 'step.completed'`)
    journal.close()
    const { message } = await rejectedBy(BackupError, backupStore(store, path.join(folder, 'backup')))
    assert.match(message, /event \d+ \(step\.completed\) of run\/colours: its bytes are not those/)
    assert.equal(readdirSync(folder), ['runs'])
  }))

/** Ways to spoil a backup, and what is said of each. */
const damages: Record<string, { spoil: (backup: string) => unknown; said: RegExp }> = {
  'without its manifest': { spoil: backup => rmSync(path.join(backup, 'manifest.json')), said: /is no backup/ },
  'with half a manifest': {
    spoil: backup => {
      const file = path.join(backup, 'manifest.json')
      writeFileSync(file, readFileSync(file).subarray(0, 200))
    },
    said: /is no backup .*manifest/,
  },
  'of a later format': {
    spoil: backup => {
      const file = path.join(backup, 'manifest.json')
      writeFileSync(file, readFileSync(file, 'utf8').replace('"version": 1', '"version": 2'))
    },
    said: /is no backup .*version/s,
  },
  'without a checkpoint': {
    spoil: backup => rmSync(path.join(backup, checkpointsOf(backup)[0] ?? '')),
    said: /colours\/checkpoints\/\S+ is missing/,
  },
  'with a flipped bit in a checkpoint': {
    spoil: backup => flip(path.join(backup, checkpointsOf(backup)[0] ?? '')),
    said: /the SHA-256 of colours\/checkpoints\/\S+ is not the one/,
  },
  'with a flipped bit in the journal': {
    spoil: backup => flip(path.join(backup, 'journal.sqlite')),
    said: /the SHA-256 of journal\.sqlite is not the one/,
  },
  'with a longer journal': {
    spoil: backup => appendFileSync(path.join(backup, 'journal.sqlite'), 'more'),
    said: /journal\.sqlite has \d+ bytes instead of \d+/,
  },
  'with a name that leads out of it': {
    spoil: backup => {
      const file = path.join(backup, 'manifest.json')
      writeFileSync(file, readFileSync(file, 'utf8').replace('"colours/', '"../colours/'))
    },
    said: /\.\.\/colours\/\S+ leads out of it/,
  },
  'whose manifest vouches for a changed event': {
    spoil: backup => changedJournal(backup, `UPDATE events SET at = at + 1 WHERE type = 'step.completed'`),
    said: /its bytes are not those that its hash was made of/,
  },
  'whose manifest vouches for a journal that lacks its last events': {
    spoil: backup =>
      changedJournal(backup, 'DELETE FROM events WHERE position > (SELECT max(position) - 3 FROM events)'),
    said: /the events at positions \d+ to \d+ are missing/,
  },
  'whose manifest leaves out a checkpoint': {
    spoil: async backup => {
      const file = path.join(backup, 'manifest.json')
      const manifest = JSON.parse(readFileSync(file, 'utf8'))
      manifest.files.shift()
      writeFileSync(file, JSON.stringify(manifest))
    },
    said: /which its journal names, is not in it/,
  },
  'in which one checkpoint lies in the place of another': {
    spoil: async backup => {
      const file = path.join(backup, 'manifest.json')
      const manifest = JSON.parse(readFileSync(file, 'utf8'))
      const [one, other] = manifest.files
      cpSync(path.join(backup, one.uri), path.join(backup, other.uri))
      manifest.files[1] = { ...one, uri: other.uri }
      writeFileSync(file, JSON.stringify(manifest))
    },
    said: /is not the file that its journal names/,
  },
}

/** Changes a backup's journal, and its manifest so that it agrees. */
async function changedJournal(backup: string, sql: string): Promise<void> {
  const journal = path.join(backup, 'journal.sqlite')
  const database = new Database(journal)
  assert.ok(database.prepare(sql).run().changes > 0)
  database.close()
  const file = path.join(backup, 'manifest.json')
  const manifest = JSON.parse(readFileSync(file, 'utf8'))
  manifest.journal = { ...manifest.journal, ...(await hashFile(journal)) }
  writeFileSync(file, JSON.stringify(manifest))
}

test('a backup that is spoilt in any way is refused, and nothing is put in place', () =>
  withTrained(async (store, folder) => {
    const whole = path.join(folder, 'whole')
    await backupStore(store, whole)
    for (const [name, { spoil, said }] of Object.entries(damages)) {
      const backup = path.join(folder, 'spoilt')
      cpSync(whole, backup, { recursive: true })
      await spoil(backup)
      const { message } = await rejectedBy(RestoreError, restoreStore(backup, path.join(folder, 'restored')))
      assert.match(message, said, name)
      rmSync(backup, { recursive: true })
      assert.equal(readdirSync(folder).sort(), ['runs', 'whole'], name)
    }
    await restoreStore(whole, path.join(folder, 'restored'))
  }))

const whereMounting = canMount ? test : test.skip
whereMounting('on a disk without room nothing is left, and the sentence says so', () =>
  withTrained((store, folder) =>
    onSmallDisk(64, async small => {
      const made = await rejectedBy(BackupError, backupStore(store, path.join(small, 'backup')))
      assert.match(made.message, /could not be made .*nothing is left of it: make room/)
      await backupStore(store, path.join(folder, 'backup'))
      const restored = await rejectedBy(
        RestoreError,
        restoreStore(path.join(folder, 'backup'), path.join(small, 'runs')),
      )
      assert.match(restored.message, /could not be restored .*nothing is left of it: make room/)
      assert.equal(readdirSync(small), [])
    }),
  ),
)
test.run()
