import { statSync } from 'node:fs'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { InvalidEventError, UnknownEventTypeError } from '../../src/events/event-errors.ts'
import type { NewEvent, RecordedEvent } from '../../src/events/recorded-event.ts'
import { stepCompleted as stepCompletedDefinition } from '../../src/events/step-events.ts'
import { ConcurrencyError, type ExpectedVersion, matchesExpectedVersion } from '../../src/journal/expected-version.ts'
import { Journal } from '../../src/journal/journal.ts'
import { EventIdConflictError, InvalidNameError } from '../../src/journal/journal-errors.ts'
import { arbitraryData } from '../support/arbitrary-data.ts'
import { checkpointDeleted, continued, manyContinued, paused, stepCompleted, stepOf } from '../support/facts.ts'
import { withJournal } from '../support/journals.ts'
import { assertSame } from '../support/same.ts'
import { thrownBy } from '../support/thrown.ts'

function synchronousOf(journal: Journal): unknown {
  return journal.query(database => database.pragma('synchronous', { simple: true }))
}

const versions = suite('expected versions')

versions('decide by number, existence or not at all', () =>
  withJournal(journal => {
    const cases: [expected: ExpectedVersion, actual: number, right: boolean][] = [
      [0, 0, true],
      [1, 0, false],
      [0, 2, false],
      [1, 2, false],
      [2, 2, true],
      [3, 2, false],
      ['no-stream', 0, true],
      ['no-stream', 2, false],
      ['stream-exists', 0, false],
      ['stream-exists', 2, true],
      ['any', 0, true],
      ['any', 2, true],
    ]
    for (const [index, [expectedVersion, actual, right]] of cases.entries()) {
      const stream = `run/${index}`
      if (actual > 0) journal.append(stream, manyContinued(actual))
      assert.is(matchesExpectedVersion(expectedVersion, actual), right)
      if (right) {
        const [event] = journal.append(stream, [continued(9)], { expectedVersion })
        assert.is(event?.version, actual + 1)
      } else {
        const before = journal.head
        const error = thrownBy(ConcurrencyError, () => journal.append(stream, [continued(9)], { expectedVersion }))
        assert.equal([error.stream, error.expected, error.actual], [stream, expectedVersion, actual])
        assert.match(error.message, String(expectedVersion))
        assert.match(error.message, `version ${actual}`)
        assert.is(journal.head, before)
      }
    }
  }),
)

versions('count from 1 in each stream, without gaps, whatever else is written between', () =>
  withJournal(journal => {
    const heads = new Map<string, number>()
    fc.assert(
      fc.property(fc.constantFrom('run/a', 'run/b', 'model/c'), fc.nat({ max: 4 }), (stream, count) => {
        const head = heads.get(stream) ?? 0
        const recorded = journal.append(stream, manyContinued(count), { expectedVersion: head })
        assert.equal(
          recorded.map(event => event.version),
          Array.from({ length: count }, (_, index) => head + index + 1),
        )
        heads.set(stream, head + count)
        assert.is(journal.streamVersion(stream), head + count)
      }),
    )
    const positions = [...journal.read()].map(event => event.position)
    assert.equal(
      positions,
      positions.map((_, index) => index + 1),
    )
    assert.is(journal.head, positions.length)
    assert.is(journal.streamVersion('run/none'), 0)
  }),
)
versions.run()

const whole = suite('an append')

whole('is nothing when one of its events is bad', () =>
  withJournal(journal => {
    const published: RecordedEvent[] = []
    journal.appended$.subscribe(event => published.push(event))
    const bad = { type: 'run.paused', data: { step: 1 } }
    thrownBy(InvalidEventError, () => journal.append('run/a', [continued(1), bad, continued(2)]))
    thrownBy(UnknownEventTypeError, () => journal.append('run/a', [continued(1), { type: 'no.such', data: {} }]))
    assert.is(journal.head, 0)
    assert.equal(published, [])
    assert.is(journal.append('run/a', [continued(1)])[0]?.position, 1)
  }),
)

whole('is nothing when the database refuses one of its events, also within a transaction that goes on', () =>
  withJournal(journal => {
    journal.query(database =>
      database.exec(`CREATE TRIGGER no_threes BEFORE INSERT ON events WHEN NEW.data = '{"step":3}'
                     BEGIN SELECT RAISE(ABORT, 'no threes'); END`),
    )
    const published: number[] = []
    journal.appended$.subscribe(event => published.push(stepOf(event)))
    assert.throws(() => journal.append('run/a', manyContinued(5)), /no threes/)
    journal.transaction(() => {
      journal.append('run/a', [continued(10)])
      assert.throws(() => journal.append('run/a', manyContinued(5)), /no threes/)
      journal.append('run/a', [continued(11)])
    })
    assert.equal([...journal.read({ stream: 'run/a' })].map(stepOf), [10, 11])
    assert.equal(published, [10, 11])
    assert.equal([...journal.verify('run/a')], [])
    assert.equal(journal.gaps(), [])
  }),
)

whole('returns, publishes and later reads the very same events', () =>
  withJournal(journal => {
    const published: RecordedEvent[] = []
    journal.appended$.subscribe(event => published.push(event))
    const any = arbitraryData(stepCompletedDefinition.schema)
    const meta = fc.record(
      { rank: fc.nat(), attempt: fc.integer({ min: 1 }), causation: fc.string() },
      { requiredKeys: [], noNullPrototype: true },
    )
    fc.assert(
      fc.property(fc.array(fc.record({ data: any, meta }), { minLength: 1, maxLength: 3 }), facts => {
        const before = journal.head
        published.length = 0
        const events = facts.map(fact => ({ type: 'step.completed', ...fact }))
        const recorded = journal.append('run/a', events)
        assertSame(
          recorded.map(({ data, meta: told }) => ({ data, meta: told })),
          facts.map(fact => ({ data: fact.data, meta: { ...fact.meta } })),
        )
        assertSame(published, recorded)
        assertSame([...journal.read({ after: before })], recorded)
      }),
      { numRuns: 50 },
    )
    assert.equal([...journal.verify('run/a')], [])
  }),
)

whole('may be empty, and then only checks the version', () =>
  withJournal(journal => {
    assert.equal(journal.append('run/a', [], { expectedVersion: 'no-stream' }), [])
    thrownBy(ConcurrencyError, () => journal.append('run/a', [], { expectedVersion: 1 }))
    assert.equal(journal.streams(), [])
  }),
)

whole('refuses names that SQLite would not keep as they are', () =>
  withJournal(journal => {
    for (const name of ['', 'run/\u0000', 'a\nb', 'half \ud83d pair']) {
      thrownBy(InvalidNameError, () => journal.append(name, [continued(1)]))
      thrownBy(InvalidNameError, () => journal.append('run/a', [continued(1, { id: name })]))
    }
    journal.append('run/夏 😀', [continued(1, { id: 'é' })])
    assert.equal([...journal.verify('run/夏 😀')], [])
  }),
)

whole('waits for the disk where a fact is durable, and only there', () =>
  withJournal(journal => {
    const normal = 1
    const full = 2
    journal.query(database =>
      database.exec(`CREATE TEMP TABLE seen (type TEXT, synchronous INTEGER);
                     CREATE TEMP TRIGGER watch AFTER INSERT ON main.events
                     BEGIN INSERT INTO seen SELECT NEW.type, synchronous FROM pragma_synchronous; END`),
    )
    journal.append('run/a', [continued(1)])
    journal.append('run/a', [continued(2), checkpointDeleted(1)])
    journal.append('run/a', [continued(3)])
    const seen = journal.query(database => database.prepare('SELECT type, synchronous FROM seen').raw().all())
    assert.equal(seen, [
      ['run.continued', normal],
      ['run.continued', full],
      ['checkpoint.deleted', full],
      ['run.continued', normal],
    ])
    thrownBy(ConcurrencyError, () => journal.append('run/a', [checkpointDeleted(2)], { expectedVersion: 1 }))
    assert.is(synchronousOf(journal), normal)
  }),
)

whole('waits for the disk after a transaction that held a durable fact, by one page more', () =>
  withJournal(journal => {
    const walSize = () => statSync(`${journal.path}-wal`).size
    const grownBy = (fact: NewEvent) => {
      const before = walSize()
      journal.transaction(() => journal.append('run/a', [fact]))
      return walSize() - before
    }
    grownBy(continued(1))
    const plain = grownBy(continued(2))
    const durable = grownBy(checkpointDeleted(2))
    assert.is(grownBy(continued(3)), plain)
    const page = 4_096
    const frameHeader = 24
    assert.is(durable - plain, page + frameHeader)
    assert.is(synchronousOf(journal), 1)
  }),
)
whole.run()

const ids = suite('event ids')

ids('make the same append again the same events, once', () =>
  withJournal(journal => {
    const published: RecordedEvent[] = []
    journal.appended$.subscribe(event => published.push(event))
    const facts = [continued(1, { id: 'a', meta: { rank: 1 } }), stepCompleted(2, { loss: Number.NaN })].map(
      (fact, index) => ({ ...fact, id: `fact-${index}` }),
    )
    const first = journal.append('run/a', facts, { expectedVersion: 'no-stream' })
    journal.append('run/a', [continued(7)])
    // The version that the writer expected is long gone, and it does not matter: this was done.
    const again = journal.append('run/a', facts, { expectedVersion: 'no-stream' })
    assertSame(again, first)
    assert.is(journal.head, 3)
    assert.is(published.length, 3)
  }),
)

ids('are told apart from an append of different content', () =>
  withJournal(journal => {
    journal.append('run/a', [continued(1, { id: 'one' })])
    const others: [stream: string, fact: ReturnType<typeof continued> | ReturnType<typeof paused>][] = [
      ['run/a', continued(2, { id: 'one' })],
      ['run/b', continued(1, { id: 'one' })],
      ['run/a', { ...paused(1), id: 'one' }],
      ['run/a', continued(1, { id: 'one', meta: { rank: 1 } })],
    ]
    for (const [stream, fact] of others) {
      const error = thrownBy(EventIdConflictError, () => journal.append(stream, [fact]))
      assert.match(error.message, '"one"')
      assert.match(error.message, 'version 1 of run/a')
    }
    assert.is(journal.head, 1)
  }),
)

ids('are told apart from an append of which only a part was made', () =>
  withJournal(journal => {
    journal.append('run/a', [continued(1, { id: 'one' })])
    for (const rest of [continued(2, { id: 'two' }), continued(2)]) {
      thrownBy(EventIdConflictError, () => journal.append('run/a', [continued(1, { id: 'one' }), rest]))
    }
    assert.is(journal.head, 1)
  }),
)

ids('name one event of an append only', () =>
  withJournal(journal => {
    const twice = [continued(1, { id: 'one' }), continued(1, { id: 'one' })]
    thrownBy(EventIdConflictError, () => journal.append('run/a', twice))
    assert.is(journal.head, 0)
  }),
)

ids('are given where there are none, each another', () =>
  withJournal(journal => {
    const given = journal.append('run/a', manyContinued(1_000)).map(event => event.id)
    assert.is(new Set(given).size, given.length)
    for (const id of given) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  }),
)
ids.run()

const publishing = suite('publishing')

publishing('comes after the commit: another connection sees the event already', () =>
  withJournal(journal => {
    const other = Journal.open(journal.path, { readOnly: true })
    const seen: number[] = []
    journal.appended$.subscribe(event => seen.push(other.streamVersion(event.stream)))
    journal.append('run/a', manyContinued(2))
    journal.transaction(() => {
      journal.append('run/a', [continued(3)])
      journal.append('run/a', [continued(4)])
      assert.equal(seen, [2, 2])
    })
    assert.equal(seen, [2, 2, 4, 4])
    other.close()
  }),
)

publishing('has one order for all listeners, also when one of them appends', () =>
  withJournal(journal => {
    const told: number[][] = [[], [], []]
    journal.appended$.subscribe(event => told[0]?.push(event.position))
    journal.appended$.subscribe(event => {
      told[1]?.push(event.position)
      if (event.type === 'run.paused') journal.append('run/a', manyContinued(2))
      if (event.position === 5) journal.transaction(() => journal.append('run/b', [continued(1)]))
    })
    journal.appended$.subscribe(event => told[2]?.push(event.position))
    journal.append('run/a', [paused(1), paused(2)])
    assert.equal(told, [
      [1, 2, 3, 4, 5, 6, 7],
      [1, 2, 3, 4, 5, 6, 7],
      [1, 2, 3, 4, 5, 6, 7],
    ])
    assert.equal(
      [...journal.read()].map(event => event.type),
      ['run.paused', 'run.paused', ...new Array(5).fill('run.continued')],
    )
  }),
)

publishing('does not happen for a transaction that throws', () =>
  withJournal(journal => {
    const published: number[] = []
    journal.appended$.subscribe(event => published.push(stepOf(event)))
    assert.throws(
      () =>
        journal.transaction(() => {
          journal.append('run/a', [continued(1)])
          throw new RangeError('changed my mind')
        }),
      (error: unknown) => error instanceof RangeError && error.message === 'changed my mind',
    )
    assert.is(journal.head, 0)
    journal.transaction(() => {
      journal.append('run/a', [continued(2)])
      assert.throws(() =>
        journal.transaction(() => {
          journal.append('run/a', [continued(3)])
          throw new RangeError('again')
        }),
      )
      journal.append('run/a', [continued(4)])
    })
    assert.equal(published, [2, 4])
    assert.equal([...journal.read()].map(stepOf), [2, 4])
  }),
)

publishing('does not happen for a transaction that throws while events are being published', () =>
  withJournal(journal => {
    const published: number[] = []
    journal.appended$.subscribe(event => {
      if (stepOf(event) !== 1) return
      assert.throws(() =>
        journal.transaction(() => {
          journal.append('run/a', [continued(9)])
          throw new RangeError('no')
        }),
      )
    })
    journal.appended$.subscribe(event => published.push(stepOf(event)))
    journal.append('run/a', manyContinued(3))
    assert.equal(published, [1, 2, 3])
  }),
)

publishing('joins a transaction with whatever else it writes', () =>
  withJournal(journal => {
    journal.query(database => database.exec('CREATE TABLE sums (sum INTEGER)'))
    const sum = () => journal.query(database => database.prepare('SELECT sum(sum) FROM sums').pluck().get())
    const result = journal.transaction(database => {
      database.prepare('INSERT INTO sums VALUES (?)').run(3)
      return journal.append('run/a', [checkpointDeleted(3)]).length
    })
    assert.is(result, 1)
    assert.throws(() =>
      journal.transaction(database => {
        database.prepare('INSERT INTO sums VALUES (?)').run(4)
        journal.append('run/a', [continued(1)], { expectedVersion: 0 })
      }),
    )
    assert.is(sum(), 3)
    assert.is(journal.head, 1)
  }),
)
publishing.run()
