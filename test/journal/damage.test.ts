import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { copyJournal } from '../../src/backup/copy-journal.ts'
import type { RecordedEvent } from '../../src/events/recorded-event.ts'
import { Journal } from '../../src/journal/journal.ts'
import { JournalDamagedError, JournalOpenError } from '../../src/journal/journal-errors.ts'
import { ChildScript, killScripts } from '../support/child-script.ts'
import { canForbidWriting, withReadOnly } from '../support/disks.ts'
import { continued, manyContinued } from '../support/facts.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { thrownBy } from '../support/thrown.ts'

const damage = suite('a damaged journal')
damage.after.each(killScripts)

const fileIn = (folder: string): string => path.join(folder, 'journal.sqlite')

function inJournal<Result>(folder: string, readOnly: boolean, use: (journal: Journal) => Result): Result {
  const journal = Journal.open(fileIn(folder), { readOnly })
  try {
    return use(journal)
  } finally {
    journal.close()
  }
}

/** A journal of 3,000 events in `folder`. */
function write(folder: string): RecordedEvent[] {
  mkdirSync(folder, { recursive: true })
  return inJournal(folder, false, journal => journal.append('run/a', manyContinued(3_000)))
}

/** The files of a journal as a process leaves them that is killed after it wrote the given events. */
async function leftByKilled(folder: string): Promise<RecordedEvent[]> {
  mkdirSync(folder)
  const writer = new ChildScript('test/journal/processes/writer.ts', fileIn(folder), 'run/a', '1000000')
  for (let heard = 0; heard < 5; heard++) await writer.line()
  await writer.kill()
  // Nothing but a copy may look into it, since who closes it last tidies it up.
  const look = `${folder}-look`
  cpSync(folder, look, { recursive: true })
  return inJournal(look, true, journal => [...journal.read()])
}

/** Nothing is wrong with it: all events are there as they were, and more can be appended. */
function assertWhole(folder: string, events: readonly RecordedEvent[]): void {
  inJournal(folder, false, journal => {
    assert.equal([...journal.read()], events)
    assert.equal(journal.databaseFaults(), [])
    assert.equal([...journal.verify('run/a')], [])
    assert.equal(journal.gaps(), [])
    assert.is(journal.append('run/a', [continued(1)])[0]?.version, events.length + 1)
  })
}

for (const without of ['nothing', '-shm']) {
  damage(`left by a killed process, with ${without} missing beside it, has every committed event`, () =>
    inTemporaryFolder(async folder => {
      const left = path.join(folder, 'left')
      const events = await leftByKilled(left)
      assert.ok(readFileSync(`${fileIn(left)}-wal`).length > 0)
      assert.ok(events.length > 0)
      if (without !== 'nothing') rmSync(`${fileIn(left)}${without}`)
      inJournal(left, true, journal => assert.equal([...journal.read()], events))
      assertWhole(left, events)
    }),
  )
}

damage('copied without its write-ahead log is a beginning of it, or is said to be empty', () =>
  inTemporaryFolder(async folder => {
    const left = path.join(folder, 'left')
    const events = await leftByKilled(left)
    for (const end of ['-wal', '-shm']) rmSync(`${fileIn(left)}${end}`)
    const { message } = thrownBy(JournalOpenError, () => inJournal(left, true, () => undefined))
    assert.match(message, 'copied without journal.sqlite-wal')

    // When a part of the log has been moved to the main file already, that part is there.
    const partly = path.join(folder, 'partly')
    mkdirSync(partly)
    const held = inJournal(partly, false, journal => {
      const recorded = journal.append('run/a', manyContinued(20))
      journal.query(database => database.pragma('wal_checkpoint(FULL)'))
      journal.append('run/a', manyContinued(20))
      mkdirSync(path.join(folder, 'copy'))
      cpSync(fileIn(partly), fileIn(path.join(folder, 'copy')))
      return recorded
    })
    assertWhole(path.join(folder, 'copy'), held)
    assert.ok(events.length > 0)
  }),
)

damage('copied file by file while it is written is a beginning of it, or is found out', () =>
  inTemporaryFolder(async folder => {
    const store = path.join(folder, 'store')
    mkdirSync(store)
    const writer = new ChildScript('test/journal/processes/writer.ts', fileIn(store), 'run/a', '1000000')
    const copies = Array.from({ length: 12 }, (_, index) => path.join(folder, `copy-${index}`))
    for (const copy of copies) {
      for (let heard = 0; heard < 40; heard++) await writer.line()
      mkdirSync(copy)
      for (const end of ['', '-wal']) copyFileSync(`${fileIn(store)}${end}`, `${fileIn(copy)}${end}`)
    }
    await writer.kill()
    const all = inJournal(store, false, journal => [...journal.read()])
    let whole = 0
    for (const copy of copies) {
      try {
        inJournal(copy, false, journal => {
          if (journal.databaseFaults().length > 0) return
          assert.equal([...journal.verify('run/a')], [])
          assert.equal([...journal.read()], all.slice(0, journal.head))
          whole++
        })
      } catch (error) {
        if (!(error instanceof JournalDamagedError || error instanceof JournalOpenError)) throw error
      }
    }
    assert.ok(whole > 0)
  }),
)

const whereForbidden = canForbidWriting ? damage : damage.skip

whereForbidden('in a read-only folder is refused for writing, and says so before anything is done', () =>
  inTemporaryFolder(async folder => {
    const events = write(path.join(folder, 'store'))
    const left = path.join(folder, 'left')
    const leftEvents = await leftByKilled(left)
    for (const each of [path.join(folder, 'store'), left]) {
      await withReadOnly(each, () => {
        const { message } = thrownBy(JournalOpenError, () => inJournal(each, false, () => undefined))
        assert.match(message, `${each} is read-only; change that`)
      })
    }
    assertWhole(path.join(folder, 'store'), events)
    assertWhole(left, leftEvents)
  }),
)

whereForbidden('in a read-only folder is read where SQLite can, and says what to do where it cannot', () =>
  inTemporaryFolder(async folder => {
    const store = path.join(folder, 'store')
    const events = write(store)
    await withReadOnly(store, () => {
      const { message } = thrownBy(JournalOpenError, () => inJournal(store, true, () => undefined))
      for (const word of ['nothing can be written', 'copy its folder', 'make a backup']) assert.match(message, word)
    })
    const left = path.join(folder, 'left')
    const leftEvents = await leftByKilled(left)
    await withReadOnly(left, () => inJournal(left, true, journal => assert.equal([...journal.read()], leftEvents)))
    const backup = path.join(folder, 'backup')
    mkdirSync(backup)
    await copyJournal(fileIn(store), fileIn(backup))
    await withReadOnly(backup, () => inJournal(backup, true, journal => assert.equal([...journal.read()], events)))
  }),
)

/** Ways to damage the bytes of a journal at which it is refused already when it is opened. */
const refusedAtOnce: Record<string, { spoil: (bytes: Buffer) => Buffer; said: string }> = {
  'its second half cut off': { spoil: bytes => bytes.subarray(0, bytes.length / 2), said: 'is damaged' },
  'zeros in the place of its header': { spoil: bytes => bytes.fill(0, 0, 100), said: 'is not an SQLite database' },
  'zeros in the place of its first page': { spoil: bytes => bytes.fill(0, 0, 4096), said: 'is not an SQLite database' },
  'another text in the place of its header': {
    spoil: bytes => bytes.fill('x', 0, 16),
    said: 'is not an SQLite database',
  },
}

for (const [name, { spoil, said }] of Object.entries(refusedAtOnce)) {
  damage(`with ${name} is refused, for reading and writing, and left as it is`, () =>
    inTemporaryFolder(folder => {
      write(folder)
      const bytes = spoil(readFileSync(fileIn(folder)))
      writeFileSync(fileIn(folder), bytes)
      for (const readOnly of [false, true]) {
        const { message } = thrownBy(JournalOpenError, () => inJournal(folder, readOnly, () => undefined))
        assert.match(message, said)
        assert.match(message, 'restore it')
      }
      assert.ok(readFileSync(fileIn(folder)).equals(bytes))
    }),
  )
}

damage('with any page turned round is found out, and no event is read that was not written', () =>
  inTemporaryFolder(folder => {
    const events = write(folder)
    const whole = readFileSync(fileIn(folder))
    let refusedReading = 0
    // The first page is that of the header, above.
    for (let at = 4096; at < whole.length; at += 3 * 4096) {
      const bytes = Buffer.from(whole)
      for (let index = at; index < at + 4096; index++) bytes[index] = (bytes[index] ?? 0) ^ 0xff
      writeFileSync(fileIn(folder), bytes)
      inJournal(folder, true, journal => {
        assert.ok(journal.databaseFaults().length > 0, `page ${at / 4096}`)
        try {
          const read = [...journal.read()]
          assert.equal(read, events, `page ${at / 4096}`)
        } catch (error) {
          assert.instance(error, JournalDamagedError)
          assert.match((error as Error).message, 'restore a backup')
          refusedReading++
        }
      })
    }
    assert.ok(refusedReading > 0)
  }),
)

damage('refuses an append that comes to a damaged page, with a sentence', () =>
  inTemporaryFolder(folder => {
    write(folder)
    const whole = readFileSync(fileIn(folder))
    // All but the header and the tables' names.
    writeFileSync(fileIn(folder), whole.fill(0xff, 4 * 4096))
    inJournal(folder, false, journal => {
      const { message } = thrownBy(JournalDamagedError, () => journal.append('run/a', [continued(1)]))
      assert.match(message, 'copy its folder as it is')
    })
  }),
)

damage('that lost its last bytes is found out by a look at the whole file', () =>
  inTemporaryFolder(folder => {
    write(folder)
    const whole = readFileSync(fileIn(folder))
    writeFileSync(fileIn(folder), whole.subarray(0, whole.length - 3_000))
    inJournal(folder, true, journal => assert.ok(journal.databaseFaults().length > 0))
  }),
)
damage.run()
