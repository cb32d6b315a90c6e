import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { assign, setup } from 'xstate'
import type { RecordedEvent } from '../../../src/events/recorded-event.ts'
import { ArchiveDamagedError, ArchiveError } from '../../../src/journal/archive/archive-errors.ts'
import { sha256Of } from '../../../src/journal/archive/chunk-file.ts'
import type { ReadOptions } from '../../../src/journal/event-reader.ts'
import { snapshotInterval } from '../../../src/journal/fold.ts'
import { Journal } from '../../../src/journal/journal.ts'
import { EventIdConflictError, JournalReadOnlyError } from '../../../src/journal/journal-errors.ts'
import { archiveAll, everything, writeTwoRuns } from '../../support/archived-journal.ts'
import { canMount, onSmallDisk } from '../../support/disks.ts'
import { continued, manyContinued, stepCompleted } from '../../support/facts.ts'
import { withJournal } from '../../support/journals.ts'
import { thrownBy } from '../../support/thrown.ts'

const archive = suite('Journal.archive')

const filesOf = (journal: Journal, run: string): string[] => {
  const folder = path.join(path.dirname(journal.path), run, 'archive')
  return readdirSync(folder).map(name => path.join(folder, name))
}

const stored = (journal: Journal): number =>
  journal.query(database => database.prepare<[], number>('SELECT count(*) FROM events').pluck().get()) ?? 0

/** Nothing is wrong with the journal, and it holds these events. */
function assertSame(journal: Journal, events: readonly RecordedEvent[]): void {
  assert.equal(everything(journal), events)
  assert.equal(journal.gaps(), [])
  assert.equal(journal.databaseFaults(), [])
  assert.equal(journal.archiveFaults(), [])
  for (const { stream } of journal.streams()) assert.equal([...journal.verify(stream)], [], stream)
}

archive('reads, streams, gaps and verification are the same, whatever lies in files', () =>
  withJournal(journal => {
    writeTwoRuns(journal, 5_000)
    const all = everything(journal)
    const streams = journal.streams()
    const early = Journal.open(journal.path, { readOnly: true })
    assert.is(archiveAll(journal, 'run/a'), 2)
    assert.is(archiveAll(journal, 'run/b'), 2)
    assert.ok(stored(journal) < 200, `${stored(journal)} events are in the database`)
    assert.equal(journal.streams(), streams)
    assert.is(journal.head, all.length)
    assertSame(journal, all)
    assertSame(early, all)
    early.close()

    const bound = fc.option(fc.integer({ min: -1, max: all.length + 10 }), { nil: undefined })
    const options = fc.record({
      stream: fc.constantFrom(undefined, 'run/a', 'run/b', 'run/none'),
      after: bound,
      until: bound,
      types: fc.option(fc.subarray(['run.continued', 'checkpoint.deleted', 'step.completed', 'step.skipped']), {
        nil: undefined,
      }),
      backwards: fc.option(fc.boolean(), { nil: undefined }),
      limit: fc.option(fc.integer({ min: -1, max: 1_200 }), { nil: undefined }),
    })
    const wanted = (options: ReadOptions): RecordedEvent[] => {
      const { stream, after = 0, until = Infinity, types, backwards = false, limit = Infinity } = options
      const at = (event: RecordedEvent) => (stream === undefined ? event.position : event.version)
      return (backwards ? all.toReversed() : all)
        .filter(event => stream === undefined || event.stream === stream)
        .filter(event => at(event) > after && at(event) <= until)
        .filter(event => types === undefined || types.includes(event.type))
        .slice(0, Math.max(0, limit))
    }
    const positions = (events: Iterable<RecordedEvent>) => Array.from(events, event => event.position)
    fc.assert(
      fc.property(options, given => {
        const some = given as ReadOptions
        assert.equal(positions(journal.read(some)), positions(wanted(some)))
        assert.equal(positions(journal.readPage(some, 100)), positions(wanted(some)).slice(0, 100))
      }),
      { numRuns: 60 },
    )
  }),
)

archive('a file has each event exactly as it was stored, and the database what vouches for it', () =>
  withJournal(journal => {
    writeTwoRuns(journal, 300)
    const rows = journal.query(database =>
      database.prepare("SELECT *, lower(hex(hash)) AS hash FROM events WHERE stream = 'run/a' ORDER BY version").all(),
    )
    archiveAll(journal, 'run/a')
    const [file = '', another] = filesOf(journal, 'a')
    assert.is(another, undefined)
    const lines = gunzipSync(readFileSync(file)).toString().trimEnd().split('\n')
    assert.equal(
      lines.map(line => JSON.parse(line)),
      rows.filter(row => (row as RecordedEvent).type === 'step.completed'),
    )
    const [chunk] = journal.archivedChunks('run/a')
    assert.equal([chunk?.events, chunk?.bytes, chunk?.types], [300, statSync(file).size, '["step.completed"]'])
    assert.equal(journal.archivedChunks('run/b'), [])
  }),
)

archive('only what was appended before the moment goes, and never the first or last event of a stream', () =>
  withJournal(journal => {
    const { now } = Date
    try {
      let time = 0
      Date.now = () => time
      for (const at of [1, 10, 20, 30, 25, 40]) {
        time = at
        journal.append('run/a', [stepCompleted(at)])
      }
    } finally {
      Date.now = now
    }
    const left = () =>
      journal.query(database => database.prepare<[], number>('SELECT at FROM events ORDER BY position').pluck().all())
    const until = (before: number) => [...journal.archive('run/a', { before, folder: 'a' })].length
    assert.is(until(10), 0)
    assert.is(until(20), 1)
    assert.equal(left(), [1, 20, 30, 25, 40])
    // What follows something later stays, although the clock says that it is older.
    until(30)
    assert.equal(left(), [1, 30, 25, 40])
    until(Number.MAX_SAFE_INTEGER)
    assert.equal(left(), [1, 40])
    assert.is(until(Number.MAX_SAFE_INTEGER), 0)
    assert.equal(
      everything(journal).map(({ at }) => at),
      [1, 10, 20, 30, 25, 40],
    )
    assert.is(journal.append('run/a', [continued(1)], { expectedVersion: 6 })[0]?.position, 7)
    assert.equal([...journal.verify('run/a')], [])
  }),
)

archive('an id of an archived event names that event and no other', () =>
  withJournal(journal => {
    const named = { ...stepCompleted(1), id: 'the first step' }
    journal.append('run/a', manyContinued(1))
    const [first] = journal.append('run/a', [named])
    journal.append('run/a', manyContinued(1))
    archiveAll(journal, 'run/a')
    assert.is(stored(journal), 2)
    assert.equal(journal.append('run/a', [named]), [first])
    const { message } = thrownBy(EventIdConflictError, () =>
      journal.append('run/a', [{ ...stepCompleted(2), id: 'the first step' }]),
    )
    assert.match(message, 'step.completed at version 2 of run/a')
    thrownBy(EventIdConflictError, () => journal.append('run/b', [named]))
    assert.is(journal.head, 3)
  }),
)

archive('states that were kept are found, and a fold comes to the same', () =>
  withJournal(journal => {
    const machine = setup({ types: { context: {} as { steps: number } } }).createMachine({
      id: 'steps',
      version: '1',
      context: { steps: 0 },
      on: { 'step.completed': { actions: assign({ steps: ({ context }) => context.steps + 1 }) } },
    })
    journal.append(
      'run/a',
      Array.from({ length: 3_600 }, (_, index) => stepCompleted(index + 1)),
    )
    const whole = journal.fold('run/a', machine)
    const kept = [...journal.snapshots('run/a', machine)].map(({ version }) => version)
    assert.is(kept.length, Math.floor(3_600 / snapshotInterval))
    archiveAll(journal, 'run/a')
    assert.equal(
      [...journal.snapshots('run/a', machine)].map(({ version }) => version),
      kept,
    )
    assert.equal(journal.fold('run/a', machine).snapshot.context, whole.snapshot.context)
    for (const until of [1, 999, 1_000, 1_001, 3_599]) {
      assert.is(journal.fold('run/a', machine, { until }).snapshot.context.steps, until)
      assert.is(journal.fold('run/a', machine, { until, snapshots: false }).snapshot.context.steps, until)
    }
    // What such a state refers to stays in the database.
    assert.equal(
      journal.query(database => database.prepare('SELECT version FROM events').pluck().all()),
      [1, ...kept, 3_600],
    )
  }),
)

archive('what is archived can be brought back, to the last bit, and archived again', () =>
  withJournal(journal => {
    writeTwoRuns(journal, 4_500)
    const dump = () =>
      journal.query(database => JSON.stringify(database.prepare('SELECT * FROM events ORDER BY position').all()))
    const before = dump()
    for (const round of [1, 2]) {
      assert.is(archiveAll(journal, 'run/a'), 2)
      assert.not.equal(dump(), before)
      assert.is([...journal.unarchive('run/a')].length, 2, `round ${round}`)
      assert.is(dump(), before)
      assert.equal(journal.archivedChunks(), [])
      assert.equal(filesOf(journal, 'a'), [])
    }
    assert.is(
      journal.query(database => database.prepare('SELECT count(*) FROM archived_ids').pluck().get()),
      0,
    )
  }),
)

archive('gives the room back to the disk when it is asked to', () =>
  withJournal(journal => {
    writeTwoRuns(journal, 5_000)
    const all = everything(journal)
    journal.shrink()
    const before = statSync(journal.path).size
    archiveAll(journal, 'run/a')
    archiveAll(journal, 'run/b')
    journal.shrink()
    const after = statSync(journal.path).size
    const files = [...filesOf(journal, 'a'), ...filesOf(journal, 'b')]
    const archived = files.reduce((sum, file) => sum + statSync(file).size, 0)
    assert.ok(after + archived < before / 2, `${before} bytes became ${after} and ${archived}`)
    assertSame(journal, all)
  }),
)

archive('what a killed process left unfinished is removed, and nothing else', () =>
  withJournal(journal => {
    writeTwoRuns(journal, 300)
    const all = everything(journal)
    const folder = path.join(path.dirname(journal.path), 'a', 'archive')
    archiveAll(journal, 'run/a')
    const [named = ''] = filesOf(journal, 'a')
    const left = ['events-00000001-00000009.jsonl.gz', 'events-00000001-00000300.jsonl.gz.tmp']
    for (const name of [...left, 'notes.txt']) writeFileSync(path.join(folder, name), 'half')
    archiveAll(journal, 'run/a')
    assert.equal(readdirSync(folder).sort(), [path.basename(named), 'notes.txt'])
    assertSame(journal, all)
  }),
)

const damages: Record<string, { spoil: (file: string, other: string) => void; said: RegExp }> = {
  'that is missing': { spoil: file => rmSync(file), said: /cannot be read \(ENOENT/ },
  'with a flipped bit': {
    spoil: file => {
      const bytes = readFileSync(file)
      bytes[100] = (bytes[100] ?? 0) ^ 1
      writeFileSync(file, bytes)
    },
    said: /has the SHA-256 \w+ instead of/,
  },
  'that was cut off': {
    spoil: file => writeFileSync(file, readFileSync(file).subarray(0, 1_000)),
    said: /has the SHA-256 \w+ instead of/,
  },
  'in whose place another lies': {
    spoil: (file, other) => writeFileSync(file, readFileSync(other)),
    said: /has the SHA-256 \w+ instead of/,
  },
}

/** Changes the lines of a file of archived events, and its hash in the database with it. */
function forge(journal: Journal, file: string, change: (lines: string[]) => string[]): void {
  const lines = gunzipSync(readFileSync(file)).toString().split('\n')
  const bytes = gzipSync(change(lines).join('\n'))
  writeFileSync(file, bytes)
  journal.query(database => database.prepare('UPDATE archived_chunks SET sha256 = ?').run(sha256Of(bytes)))
}

/** Writes until the disk has no room. */
function fillUp(file: string): void {
  try {
    for (;;) appendFileSync(file, Buffer.alloc(4_096))
  } catch (error) {
    assert.is((error as NodeJS.ErrnoException).code, 'ENOSPC')
  }
}

for (const [name, { spoil, said }] of Object.entries(damages)) {
  archive(`a file ${name} is told of where it is needed, and everything else works`, () =>
    withJournal(journal => {
      writeTwoRuns(journal, 5_000)
      const all = everything(journal)
      archiveAll(journal, 'run/a')
      const [first = '', second = ''] = filesOf(journal, 'a')
      spoil(first, second)
      // Another process, which has none of it in memory.
      const reader = Journal.open(journal.path, { readOnly: true })
      const { message, file } = thrownBy(ArchiveDamagedError, () => everything(reader, 'run/a'))
      assert.match(message, said)
      assert.match(message, /^The archived events \d+ to \d+ of run\/a cannot be read.*bring that file back/)
      assert.is(file, first)
      const { lastVersion = 0 } = reader.archivedChunks('run/a')[0] ?? {}
      assert.equal(
        [...reader.read({ stream: 'run/a', after: lastVersion })].at(-1),
        all.findLast(({ stream }) => stream === 'run/a'),
      )
      assert.equal(
        everything(reader, 'run/b'),
        all.filter(({ stream }) => stream === 'run/b'),
      )
      assert.is([...reader.read({ stream: 'run/a', types: ['checkpoint.deleted'] })].length, 50)
      assert.is(reader.archiveFaults().length, 1)
      assert.match(reader.archiveFaults('run/a')[0] ?? '', said)
      assert.equal(reader.archiveFaults('run/b'), [])
      assert.equal(reader.gaps(), [])
      reader.close()
      journal.append('run/a', [continued(1)])
      thrownBy(ArchiveDamagedError, () => [...journal.unarchive('run/a')])
    }),
  )
}

archive('a file of the right hash that holds other events is told of', () =>
  withJournal(journal => {
    writeTwoRuns(journal, 300)
    archiveAll(journal, 'run/a')
    journal.query(database => database.exec('UPDATE archived_chunks SET first_version = first_version + 1'))
    assert.match(journal.archiveFaults()[0] ?? '', 'holds other events than the database says')
  }),
)

archive("an event that is changed in a file, with the file's hash in the database, breaks the chain", () =>
  withJournal(journal => {
    writeTwoRuns(journal, 300)
    archiveAll(journal, 'run/a')
    const [file = ''] = filesOf(journal, 'a')
    forge(journal, file, lines => lines.map((line, index) => (index === 7 ? line.replace('"at":1', '"at":2') : line)))
    const problems = [...journal.verify('run/a')]
    assert.equal(
      problems.map(({ kind }) => kind),
      ['hash'],
    )
  }),
)

archive('for reading only is refused', () =>
  withJournal(journal => {
    writeTwoRuns(journal, 10)
    const reader = Journal.open(journal.path, { readOnly: true })
    for (const work of [() => archiveAll(reader, 'run/a'), () => reader.unarchive('run/a'), () => reader.shrink()]) {
      thrownBy(JournalReadOnlyError, work)
    }
    reader.close()
    assert.not(existsSync(path.join(path.dirname(journal.path), 'a')))
  }),
)

const whereMounting = canMount ? archive : archive.skip
whereMounting('on a full disk nothing has gone, and the sentence says so', () =>
  onSmallDisk(2_048, folder => {
    const journal = Journal.open(path.join(folder, 'journal.sqlite'))
    writeTwoRuns(journal, 400)
    const all = everything(journal)
    const filler = path.join(folder, 'data')
    fillUp(filler)
    const { message } = thrownBy(ArchiveError, () => archiveAll(journal, 'run/a'))
    for (const word of ['cannot be written', 'make room', 'are where they were']) assert.match(message, word)
    assertSame(journal, all)
    writeFileSync(filler, '')
    assert.is(archiveAll(journal, 'run/a'), 1)
    assertSame(journal, all)
    journal.close()
  }),
)
archive.run()
