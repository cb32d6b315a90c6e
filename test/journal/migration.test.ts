import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statfsSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Journal } from '../../src/journal/journal.ts'
import { JournalOpenError } from '../../src/journal/journal-errors.ts'
import { migrations } from '../../src/journal/migrations.ts'
import { ChildScript, killScripts } from '../support/child-script.ts'
import { canMount, onSmallDisk } from '../support/disks.ts'
import { continued, manyContinued } from '../support/facts.ts'
import { writeOlderJournal } from '../support/older-journal.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { thrownBy } from '../support/thrown.ts'

const migrating = suite('a journal of an older version')
migrating.after.each(killScripts)

/** A version before today's. */
const older = 2

/** Everything in a database, as a text that two databases share only when they hold the same. */
function contentOf(file: string): string {
  const database = new Database(file, { readonly: true })
  try {
    assert.is(database.pragma('integrity_check', { simple: true }), 'ok')
    const schema = database.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY name").all()
    const rows = schema.map(table => database.prepare(`SELECT * FROM ${(table as { name: string }).name}`).all())
    const marks = [database.pragma('user_version'), database.pragma('application_id')]
    return JSON.stringify([schema, rows, marks])
  } finally {
    database.close()
  }
}

migrating('is kept as a copy, whole and as it was, before it is brought up to date', () =>
  inTemporaryFolder(folder => {
    const file = path.join(folder, 'journal.sqlite')
    writeOlderJournal(file, older, manyContinued(700))
    const before = contentOf(file)

    const journal = Journal.open(file)
    assert.is(journal.append('run/a', [continued(701)])[0]?.version, 701)
    journal.close()
    assert.equal(readdirSync(folder).sort(), ['journal.sqlite', `journal.sqlite.version-${older}`])
    assert.is(contentOf(`${file}.version-${older}`), before)

    // Opened again, nothing is copied: the copy is of before the change.
    Journal.open(file).close()
    assert.is(contentOf(`${file}.version-${older}`), before)
  }),
)

migrating('is not copied where it has no events', () =>
  inTemporaryFolder(folder => {
    const file = path.join(folder, 'journal.sqlite')
    writeOlderJournal(file, older, [])
    Journal.open(file).close()
    assert.equal(readdirSync(folder), ['journal.sqlite'])
  }),
)

migrating('takes with it what lies in the write-ahead log of a process that was killed', () =>
  inTemporaryFolder(folder => {
    const file = path.join(folder, 'journal.sqlite')
    writeOlderJournal(file, older, manyContinued(5))
    const killed = path.join(folder, 'killed')
    mkdirSync(killed)
    const old = new Database(file)
    old.pragma('wal_autocheckpoint = 0')
    old.exec("INSERT INTO snapshots VALUES ('run/a', 'breaks', 5, x'00', x'01')")
    for (const end of ['', '-wal'])
      writeFileSync(path.join(killed, `journal.sqlite${end}`), readFileSync(`${file}${end}`))
    old.close()

    const left = path.join(killed, 'journal.sqlite')
    Journal.open(left).close()
    const copy = new Database(`${left}.version-${older}`, { readonly: true })
    assert.is(copy.prepare('SELECT count(*) FROM snapshots').pluck().get(), 1)
    copy.close()
  }),
)

migrating('replaces the copy that a process left which was killed before it changed anything', () =>
  inTemporaryFolder(folder => {
    const file = path.join(folder, 'journal.sqlite')
    writeOlderJournal(file, older, manyContinued(5))
    const before = contentOf(file)
    writeFileSync(`${file}.version-${older}`, 'an earlier copy')
    Journal.open(file).close()
    assert.is(contentOf(`${file}.version-${older}`), before)
  }),
)

migrating('is refused and left as it was where the copy cannot be written', () =>
  inTemporaryFolder(folder => {
    const file = path.join(folder, 'journal.sqlite')
    writeOlderJournal(file, older, manyContinued(5))
    const before = contentOf(file)
    mkdirSync(path.join(`${file}.version-${older}`, 'in the way'), { recursive: true })
    const { message } = thrownBy(JournalOpenError, () => Journal.open(file))
    for (const word of [file, `schema version ${older}`, 'make room', 'is as it was']) assert.match(message, word)
    assert.equal(readdirSync(folder).sort(), ['journal.sqlite', `journal.sqlite.version-${older}`])
    assert.is(contentOf(file), before)
  }),
)

const whereMounting = canMount ? migrating : migrating.skip
whereMounting('is refused and left as it was where the disk has no room for the copy', () =>
  onSmallDisk(2_048, folder => {
    const file = path.join(folder, 'journal.sqlite')
    writeOlderJournal(file, older, manyContinued(1_500))
    const before = contentOf(file)
    // Room enough to open it, and less than the journal takes.
    const { bavail, bsize } = statfsSync(folder)
    const room = 128 * 1024
    assert.ok(statSync(file).size > 2 * room)
    writeFileSync(path.join(folder, 'data'), Buffer.alloc(bavail * bsize - room))
    const { message } = thrownBy(JournalOpenError, () => Journal.open(file))
    for (const word of ['failed (database or disk is full)', 'make room', 'is as it was']) assert.match(message, word)
    assert.equal(readdirSync(folder).sort(), ['data', 'journal.sqlite'])
    assert.is(contentOf(file), before)
  }),
)

migrating('is copied once and changed once when several processes open it at the same moment', () =>
  inTemporaryFolder(async folder => {
    const file = path.join(folder, 'journal.sqlite')
    writeOlderJournal(file, older, manyContinued(2_000))
    const before = contentOf(file)
    const openers = Array.from({ length: 3 }, () => new ChildScript('test/journal/processes/opener.ts'))
    for (const opener of openers) assert.is(await opener.line(), 'ready')
    for (const opener of openers) opener.tell(file)
    for (const opener of openers) assert.is(await opener.line(), 'done')
    assert.is(contentOf(`${file}.version-${older}`), before)
    const journal = Journal.open(file, { readOnly: true })
    assert.is(journal.streamVersion('run/a'), 2_003)
    assert.equal([...journal.verify('run/a')], [])
    assert.is(
      journal.query(database => database.pragma('user_version', { simple: true })),
      migrations.length,
    )
    journal.close()
    assert.not(readdirSync(folder).some(name => name.endsWith('.tmp')))
  }),
)

migrating('is not copied when it is only read, and the sentence says what to do', () =>
  inTemporaryFolder(folder => {
    const file = path.join(folder, 'journal.sqlite')
    writeOlderJournal(file, older, manyContinued(5))
    const { message } = thrownBy(JournalOpenError, () => Journal.open(file, { readOnly: true }))
    assert.match(message, 'open it once for writing')
    assert.not(existsSync(`${file}.version-${older}`))
  }),
)
migrating('has had the very steps that there are today: none of them ever changes', () => {
  // A step that is added gets its hash here.
  assert.equal(
    migrations.map(sql => createHash('sha256').update(sql).digest('hex').slice(0, 16)),
    ['bd820d228f860835', '7f3b8d0102d40391', '9420d25b968529de', '86df4a2d788267e1', '95687b8b5f9d8af2'],
  )
})
migrating.run()
