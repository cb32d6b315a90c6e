import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { setup } from 'xstate'
import { Journal } from '../../src/journal/journal.ts'
import { JournalOpenError, JournalReadOnlyError } from '../../src/journal/journal-errors.ts'
import { migrations } from '../../src/journal/migrations.ts'
import { continued, manyContinued, stepOf } from '../support/facts.ts'
import { withJournal } from '../support/journals.ts'
import { writeOlderJournal } from '../support/older-journal.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { thrownBy } from '../support/thrown.ts'

const opening = suite('Journal.open')

/** Tries to open `file`, which must be refused by a sentence that has the file's path and all of `words`. */
function refused(file: string, words: string[], readOnly = false): void {
  const error = thrownBy(JournalOpenError, () => Journal.open(file, { readOnly }))
  assert.is(error.path, file)
  for (const word of [file, ...words]) assert.match(error.message, word)
}

opening('creates the file and every folder above it', () =>
  inTemporaryFolder(folder => {
    const file = path.join(folder, 'a', 'b', 'journal.sqlite')
    const journal = Journal.open(file)
    assert.is(journal.path, file)
    assert.is(journal.readOnly, false)
    assert.is(journal.head, 0)
    assert.equal([...journal.read()], [])
    journal.close()
    assert.ok(existsSync(file))
  }),
)

opening('finds again what was written', () =>
  inTemporaryFolder(folder => {
    const file = path.join(folder, 'journal.sqlite')
    const first = Journal.open(file)
    const recorded = first.append('run/a', manyContinued(3))
    first.close()
    const second = Journal.open(file)
    assert.equal([...second.read()], recorded)
    assert.is(second.append('run/a', [continued(4)])[0]?.version, 4)
    assert.equal([...second.verify('run/a')], [])
    second.close()
  }),
)

opening('for reading only creates nothing, and says what to do', () =>
  inTemporaryFolder(folder => {
    const file = path.join(folder, 'store', 'journal.sqlite')
    refused(file, ['does not exist', '--store'], true)
    assert.not(existsSync(path.dirname(file)))
  }),
)

opening('for reading only reads, follows and refuses to write', () =>
  withJournal(journal => {
    journal.append('run/a', manyContinued(2))
    const reader = Journal.open(journal.path, { readOnly: true })
    assert.is(reader.readOnly, true)
    assert.equal([...reader.read()], [...journal.read()])
    journal.append('run/a', [continued(3)])
    assert.equal([...reader.read({ after: 2 })].map(stepOf), [3])
    thrownBy(JournalReadOnlyError, () => reader.append('run/a', [continued(4)]))
    thrownBy(JournalReadOnlyError, () => reader.transaction(() => 1))
    const machine = setup({}).createMachine({ id: 'still' })
    assert.is(reader.fold('run/a', machine).version, 3)
    reader.close()
    assert.is(journal.head, 3)
  }),
)

opening('for reading only wants an empty or older journal to be made first', () =>
  inTemporaryFolder(folder => {
    const file = path.join(folder, 'journal.sqlite')
    writeFileSync(file, '')
    refused(file, ['open it once for writing'], true)
    Journal.open(file).close()
    Journal.open(file, { readOnly: true }).close()
  }),
)

opening('refuses what is no database, and leaves it as it was', () =>
  inTemporaryFolder(folder => {
    const file = path.join(folder, 'journal.sqlite')
    const text = 'Dear diary, this is no database at all. '.repeat(50)
    writeFileSync(file, text)
    for (const readOnly of [false, true]) refused(file, ['is not an SQLite database'], readOnly)
    assert.is(readFileSync(file, 'utf8'), text)
  }),
)

opening('refuses another database, and leaves it as it was', () =>
  inTemporaryFolder(folder => {
    const file = path.join(folder, 'journal.sqlite')
    const other = new Database(file)
    other.exec('CREATE TABLE recipes (name TEXT); PRAGMA user_version = 7; PRAGMA application_id = 99')
    other.close()
    const bytes = readFileSync(file)
    for (const readOnly of [false, true]) refused(file, ['not a Chronograd journal'], readOnly)
    assert.ok(readFileSync(file).equals(bytes))
  }),
)

opening('refuses a newer journal, with both versions', () =>
  inTemporaryFolder(folder => {
    const file = path.join(folder, 'journal.sqlite')
    const journal = Journal.open(file)
    journal.query(database => {
      database.pragma('user_version = 99')
      database.pragma('journal_mode = DELETE')
    })
    journal.close()
    const before = readFileSync(file)
    for (const readOnly of [false, true]) {
      refused(file, ['schema version 99', `up to ${migrations.length}`, 'update Chronograd'], readOnly)
    }
    assert.ok(readFileSync(file).equals(before), 'a journal that is refused is left as it was')
  }),
)

opening('refuses a damaged journal', () =>
  inTemporaryFolder(folder => {
    const file = path.join(folder, 'journal.sqlite')
    const journal = Journal.open(file)
    journal.append('run/a', manyContinued(100))
    journal.close()
    const bytes = readFileSync(file)
    // The first page's tree of tables begins at byte 100; its kind is one that there is not.
    bytes[100] = 0xee
    writeFileSync(file, bytes)
    for (const readOnly of [false, true]) refused(file, ['is damaged', 'restore it'], readOnly)
  }),
)

opening('refuses a place where no file can be', () =>
  inTemporaryFolder(folder => {
    const file = path.join(folder, 'file')
    writeFileSync(file, '')
    refused(path.join(file, 'journal.sqlite'), ['cannot be opened', 'name another store'])
    refused(path.join(file, 'deeper', 'journal.sqlite'), ['cannot be opened', 'name another store'])
    const taken = path.join(folder, 'taken')
    mkdirSync(taken)
    refused(taken, ['cannot be opened', 'name another store'])
    refused(taken, ['cannot be opened'], true)
  }),
)

for (let had = 1; had < migrations.length; had++) {
  opening(`brings a journal of schema version ${had} up to date and keeps its events`, () =>
    inTemporaryFolder(folder => {
      const file = path.join(folder, 'journal.sqlite')
      const recorded = writeOlderJournal(file, had, manyContinued(5))
      refused(file, [`schema version ${had}`, 'open it once for writing'], true)
      const journal = Journal.open(file)
      assert.equal([...journal.read()], recorded)
      assert.equal([...journal.verify('run/a')], [])
      assert.is(journal.append('run/a', [continued(6)])[0]?.position, 6)
      const schema = (database: Database.Database) =>
        database.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY name').all()
      const fresh = Journal.open(path.join(folder, 'fresh.sqlite'))
      assert.equal(journal.query(schema), fresh.query(schema))
      assert.is(
        journal.query(database => database.pragma('user_version', { simple: true })),
        migrations.length,
      )
      fresh.close()
      journal.close()
      Journal.open(file, { readOnly: true }).close()
    }),
  )
}

opening('leaves no open file behind when it refuses', () =>
  inTemporaryFolder(folder => {
    const file = path.join(folder, 'journal.sqlite')
    const journal = Journal.open(file)
    journal.query(database => database.pragma('user_version = 99'))
    journal.close()
    refused(file, [])
    // A connection that was left open would have left its WAL.
    assert.not(existsSync(`${file}-wal`))
  }),
)
opening.run()
