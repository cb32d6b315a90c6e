import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { z } from 'zod'
import { defineEvent } from '../../src/events/define-event.ts'
import { NewerEventError, UnreadableEventError } from '../../src/events/event-errors.ts'
import type { RecordedEvent } from '../../src/events/recorded-event.ts'
import { trainingEvents } from '../../src/events/training-events.ts'
import type { ReadOptions } from '../../src/journal/event-reader.ts'
import { Journal } from '../../src/journal/journal.ts'
import { continued, manyContinued, paused, stepCompleted } from '../support/facts.ts'
import { heldBytes } from '../support/held-bytes.ts'
import { withJournal } from '../support/journals.ts'
import { thrownBy } from '../support/thrown.ts'

const reading = suite('Journal.read')

reading('gives what a filter over all events gives, in order', () =>
  withJournal(journal => {
    const facts = [continued, paused, stepCompleted]
    // More than two pages, in three streams by turns of uneven length.
    for (let turn = 0; journal.head < 1_300; turn++) {
      const fact = facts[turn % 3] ?? continued
      journal.append(
        `run/${(turn * 7) % 3}`,
        Array.from({ length: 1 + ((turn * 13) % 11) }, (_, index) => fact(index + 1)),
      )
    }
    const all = [...journal.read()]
    assert.is(all.length, journal.head)

    const bound = fc.option(fc.integer({ min: -1, max: 1_400 }), { nil: undefined })
    const options = fc.record({
      stream: fc.constantFrom(undefined, 'run/0', 'run/1', 'run/2', 'run/none'),
      after: bound,
      until: bound,
      types: fc.option(fc.subarray(['run.continued', 'run.paused', 'step.completed', 'no.such']), { nil: undefined }),
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
        const size = 100
        assert.equal(positions(journal.readPage(some, size)), positions(wanted(some)).slice(0, size))
      }),
      { numRuns: 100 },
    )
  }),
)

reading('tells events that are appended while it goes on, unless it is to end before them', () =>
  withJournal(journal => {
    journal.append('run/a', manyContinued(500))
    const counted = { all: 0, bounded: 0 }
    for (const event of journal.read({ stream: 'run/a' })) {
      counted.all += 1
      if (event.version <= 600) journal.append('run/a', [continued(1)])
    }
    assert.is(counted.all, 1_100)
    for (const _ of journal.read({ stream: 'run/a', until: 1_100 })) {
      counted.bounded += 1
      journal.append('run/a', [continued(2)])
    }
    assert.is(counted.bounded, 1_100)
  }),
)

reading('can be left half-way, and the journal goes on', () =>
  withJournal(journal => {
    journal.append('run/a', manyContinued(900))
    for (const event of journal.read()) if (event.version === 3) break
    journal.transaction(() => journal.append('run/a', [continued(1)]))
    assert.is(journal.head, 901)
  }),
)

reading('keeps memory flat over 200,000 events', () =>
  withJournal(journal => {
    const batch = manyContinued(10_000)
    for (let round = 0; round < 20; round++) journal.append('run/a', batch)
    const before = heldBytes()
    let count = 0
    let peak = 0
    for (const _ of journal.read()) {
      count += 1
      if (count % 20_000 === 0) peak = Math.max(peak, heldBytes() - before)
    }
    assert.is(count, 200_000)
    // Held at once, these events would take some 120 MB.
    assert.ok(peak < 20e6, `${peak} bytes were held`)
  }),
)

reading('refuses what a newer Chronograd wrote, and tells unknown types as they are stored', () =>
  withJournal(journal => {
    const lamp = { type: 'lamp.lit', description: 'A lamp was lit.' }
    const newer = Journal.open(journal.path, {
      events: [
        defineEvent({
          ...lamp,
          schema: z.strictObject({ watts: z.number() }),
          version: 2,
          upcasters: { 1: old => old },
        }),
      ],
    })
    newer.append('house/1', [{ type: 'lamp.lit', data: { watts: 40 } }])
    newer.close()

    assert.equal(
      [...journal.read()].map(({ type, data }) => ({ type, data })),
      [{ type: 'lamp.lit', data: { watts: 40 } }],
    )
    const older = Journal.open(journal.path, {
      events: [...trainingEvents, defineEvent({ ...lamp, schema: z.strictObject({ watts: z.number() }) })],
    })
    const error = thrownBy(NewerEventError, () => [...older.read()])
    assert.match(error.message, 'lamp.lit at version 1 of house/1')
    older.close()
  }),
)

reading('names the event whose stored text is damaged', () =>
  withJournal(journal => {
    journal.append('run/a', manyContinued(3))
    for (const column of ['data', 'meta']) {
      journal.query(database => database.exec(`UPDATE events SET ${column} = '{"step":' WHERE version = 2`))
      const read: number[] = []
      const error = thrownBy(UnreadableEventError, () => {
        for (const event of journal.read()) read.push(event.version)
      })
      assert.equal(read, [1])
      assert.is(error.place.version, 2)
    }
  }),
)
reading.run()

const streams = suite('Journal.streams')

streams('are those of a list whose names begin so, by name', () =>
  withJournal(async journal => {
    const name = fc
      .array(fc.constantFrom('a', 'b', '/', 'run/', 'model/', '%', '_', '~', 'é', '😀', '\uffff'), {
        minLength: 1,
        maxLength: 4,
      })
      .map(parts => parts.join(''))
    const known = new Map<string, number>()
    const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))
    fc.assert(
      fc.property(name, fc.oneof(name, fc.constant('')), (stream, prefix) => {
        const [event] = journal.append(stream, [continued(1)])
        known.set(stream, event?.version ?? 0)
        const wanted = [...known].filter(([each]) => each.startsWith(prefix)).sort(([a], [b]) => byBytes(a, b))
        assert.equal(
          journal.streams(prefix).map(each => [each.stream, each.version]),
          wanted,
        )
      }),
      { numRuns: 150 },
    )
  }),
)

streams('know the types of their events, but for those that come with every step', () =>
  withJournal(journal => {
    assert.equal(journal.rareTypes('run/a'), [])
    journal.append('run/a', [stepCompleted(1), paused(1), continued(1), paused(2), continued(2)])
    journal.append('run/b', [stepCompleted(1), continued(1)])
    assert.equal(journal.rareTypes('run/a'), ['run.continued', 'run.paused'])
    assert.equal(journal.rareTypes('run/b'), ['run.continued'])
  }),
)

streams('know when they began and when they were last written', () =>
  withJournal(journal => {
    assert.equal(journal.streams(), [])
    const [first] = journal.append('run/a', manyContinued(3))
    journal.query(database => database.exec('UPDATE events SET at = at + version'))
    const at = first?.at ?? 0
    assert.equal(journal.streams(), [
      { stream: 'run/a', version: 3, position: 1, createdAt: at + 1, updatedAt: at + 3 },
    ])
  }),
)
streams.run()
