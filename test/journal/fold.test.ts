import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { assign, createActor, type SnapshotFrom, setup } from 'xstate'
import type { NewEvent } from '../../src/events/recorded-event.ts'
import { type FoldResult, initialFold, snapshotInterval } from '../../src/journal/fold.ts'
import { Journal } from '../../src/journal/journal.ts'
import { JournalReadOnlyError } from '../../src/journal/journal-errors.ts'
import { continued, manyContinued, paused, stepCompleted } from '../support/facts.ts'
import { withJournal } from '../support/journals.ts'
import { assertSame } from '../support/same.ts'
import { thrownBy } from '../support/thrown.ts'

type RunEvent =
  | { type: 'run.paused'; data: { step: number; reason: string } }
  | { type: 'run.continued'; data: { step: number } }
  | { type: 'step.completed'; data: { step: number; loss: number } }
  | { type: 'run.failed'; data: { step: number } }

interface RunContext {
  readonly losses: number
  readonly lowest: number
  readonly reasons: ReadonlySet<string>
}

let actionsRun = 0

/** Pauses and goes on where it was (which takes a history state), and has doubles that JSON lacks in its context. */
function runMachine(version: string) {
  return setup({
    types: {} as { context: RunContext; events: RunEvent },
    actions: {
      learn: assign(({ context, event }) => {
        if (event.type !== 'step.completed') return {}
        const { loss } = event.data
        return { losses: context.losses + loss, lowest: Math.min(context.lowest, loss) }
      }),
      tellTheWorld: () => {
        actionsRun += 1
      },
    },
  }).createMachine({
    id: 'run',
    version,
    context: { losses: -0, lowest: Infinity, reasons: new Set() },
    initial: 'working',
    states: {
      working: {
        initial: 'odd',
        states: {
          odd: { on: { 'step.completed': { target: 'even', actions: 'learn' } } },
          even: { on: { 'step.completed': { target: 'odd', actions: 'learn' } } },
          last: { type: 'history' },
        },
        on: {
          'run.paused': {
            target: 'paused',
            actions: [
              assign(({ context, event }) => ({ reasons: new Set([...context.reasons, event.data.reason]) })),
              'tellTheWorld',
            ],
          },
          'run.failed': 'failed',
        },
      },
      paused: { entry: 'tellTheWorld', on: { 'run.continued': 'working.last' } },
      failed: { type: 'final' },
    },
  })
}

const machine = runMachine('1')
type Machine = typeof machine

/** What tells two states apart. */
function essence(snapshot: SnapshotFrom<Machine>): unknown {
  return machine.getPersistedSnapshot(snapshot)
}

function assertSameFold(actual: FoldResult<Machine>, wanted: FoldResult<Machine>): void {
  assertSame({ ...actual, snapshot: essence(actual.snapshot) }, { ...wanted, snapshot: essence(wanted.snapshot) })
}

const snapshotVersions = (journal: Journal) =>
  journal.query(database =>
    database.prepare('SELECT machine, version FROM snapshots ORDER BY machine, version').raw().all(),
  )

/** Events of a run that pauses now and then, loses some in the wrong state, and knows some that the machine does not. */
const anyFact: fc.Arbitrary<NewEvent> = fc.oneof(
  { weight: 6, arbitrary: fc.double().map(loss => stepCompleted(1, { loss })) },
  { weight: 2, arbitrary: fc.constantFrom('lunch', 'rest').map(reason => paused(1, reason)) },
  { weight: 2, arbitrary: fc.constant(continued(1)) },
  { weight: 1, arbitrary: fc.constant({ type: 'epoch.started', data: { epoch: 1, step: 0 } }) },
)

const folding = suite('Journal.fold')

folding('is at every version what a live actor was that got the same events', () =>
  withJournal(journal => {
    let run = 0
    fc.assert(
      fc.property(fc.array(anyFact, { maxLength: 30 }), facts => {
        const stream = `run/${++run}`
        const actor = createActor(machine).start()
        journal.append(stream, facts)
        const before = actionsRun
        assertSame(essence(journal.fold(stream, machine, { until: 0 }).snapshot), essence(actor.getSnapshot()))
        for (const event of journal.read({ stream })) {
          actor.send(event as never)
          const told = actionsRun
          const { snapshot, version } = journal.fold(stream, machine, { until: event.version })
          assert.is(version, event.version)
          assertSame(essence(snapshot), essence(actor.getSnapshot()))
          assert.is(actionsRun, told, 'folding ran an action')
        }
        assert.ok(actionsRun >= before)
      }),
      { numRuns: 60 },
    )
  }),
)

folding('tells what it passed over and what the machine refused', () =>
  withJournal(journal => {
    journal.append('run/a', [
      continued(1),
      stepCompleted(1),
      { type: 'epoch.started', data: { epoch: 1, step: 0 } },
      paused(1),
      paused(1),
      stepCompleted(2),
      { type: 'epoch.started', data: { epoch: 2, step: 0 } },
      { type: 'epoch.completed', data: { epoch: 2, step: 1 } },
      continued(1),
    ])
    const { snapshot, version, ignored, refused } = journal.fold('run/a', machine)
    assert.equal(ignored, { 'epoch.started': 2, 'epoch.completed': 1 })
    assert.equal(refused, [1, 5, 6])
    assert.is(version, 9)
    assert.equal(snapshot.value, { working: 'even' })
  }),
)

folding('refuses what comes after the end', () =>
  withJournal(journal => {
    const error = { name: 'Error', message: 'no', stack: null }
    journal.append('run/a', [{ type: 'run.failed', data: { step: 1, error } }, paused(1)])
    const { snapshot, refused } = journal.fold('run/a', machine)
    assert.is(snapshot.status, 'done')
    assert.equal(refused, [2])
  }),
)

folding('of no events is the initial state', () =>
  withJournal(journal => {
    assertSameFold(journal.fold('run/none', machine), initialFold(machine))
    assert.is(journal.fold('run/none', machine).version, 0)
  }),
)

folding('gives wildcards every event that they name', () =>
  withJournal(journal => {
    const counting = setup({ types: {} as { context: { all: number; run: number } } }).createMachine({
      id: 'counting',
      context: { all: 0, run: 0 },
      on: {
        'run.*': { actions: assign({ run: ({ context }) => context.run + 1 }) },
        '*': { actions: assign({ all: ({ context }) => context.all + 1 }) },
      },
    })
    journal.append('run/a', [paused(1), stepCompleted(1), continued(1)])
    const { snapshot, ignored } = journal.fold('run/a', counting)
    assert.equal([snapshot.context, ignored], [{ all: 1, run: 2 }, {}])
  }),
)
folding.run()

const snapshots = suite('snapshots')

/** The versions of which states are kept, and the last. */
const [firstKept, secondKept, count] = [snapshotInterval, 2 * snapshotInterval, 2.5 * snapshotInterval]

/** A long run whose context holds NaN from early on, that is paused across the first snapshot. */
function fillLong(journal: Journal): void {
  const facts: NewEvent[] = Array.from({ length: count }, (_, index) => {
    const version = index + 1
    if (version === firstKept - 2) return paused(version, 'across')
    if (version === firstKept + 3) return continued(version)
    if (version % 50 === 0) return { type: 'epoch.started', data: { epoch: 1, step: 0 } }
    return stepCompleted(version, { loss: version === 7 ? Number.NaN : 1 / version })
  })
  journal.append('run/a', facts)
}

snapshots('lead to the same states as the events from the first on', () =>
  withJournal(journal => {
    fillLong(journal)
    const wanted = (until: number) => journal.fold('run/a', machine, { until, snapshots: false })
    const around = [-1, 0, 1, 2, 3, 4].flatMap(away => [firstKept + away, secondKept + away])
    const untils = [0, 1, ...around, count]
    const fresh = untils.map(until => wanted(until))
    assert.equal(snapshotVersions(journal), [], 'a fold without snapshots kept some')
    journal.fold('run/a', machine)
    assert.equal(snapshotVersions(journal), [
      ['run@1', firstKept],
      ['run@1', secondKept],
    ])
    for (const [index, until] of untils.entries()) {
      const from = journal.fold('run/a', machine, { until })
      assertSameFold(from, fresh[index] as FoldResult<Machine>)
    }
    const last = journal.fold('run/a', machine)
    assert.ok(Number.isNaN(last.snapshot.context.losses))
    assert.is(last.snapshot.context.reasons.has('across'), true)
    assert.equal(last.refused.slice(0, 2), [firstKept - 1, firstKept + 1])
  }),
)

snapshots('spare the reading of what lies before them', () =>
  withJournal(journal => {
    fillLong(journal)
    const wanted = journal.fold('run/a', machine)
    // Whoever reads this event gets an error.
    journal.query(database => database.exec(`UPDATE events SET data = '' WHERE version = ${secondKept - 50}`))
    assertSameFold(journal.fold('run/a', machine), wanted)
    assert.throws(() => journal.fold('run/a', machine, { until: secondKept - 1 }))
  }),
)

snapshots('of a history that was rewritten since are not used', () =>
  withJournal(journal => {
    fillLong(journal)
    journal.fold('run/a', machine)
    const rewritten = journal.transaction(database => {
      database.exec("DELETE FROM events WHERE stream = 'run/a'")
      journal.append('run/a', manyContinued(count))
      return journal.fold('run/a', machine)
    })
    assertSameFold(rewritten, journal.fold('run/a', machine, { snapshots: false }))
    assert.is(rewritten.refused.length, count)
  }),
)

snapshots('of another version of the machine, or of another machine, are not used', () =>
  withJournal(journal => {
    fillLong(journal)
    journal.fold('run/a', machine)
    const second = runMachine('2')
    assertSameFold(journal.fold('run/a', second) as never, journal.fold('run/a', second, { snapshots: false }) as never)
    assert.equal(snapshotVersions(journal), [
      ['run@1', firstKept],
      ['run@1', secondKept],
      ['run@2', firstKept],
      ['run@2', secondKept],
    ])
    // Were version 2 folded from the snapshots of version 1, it would meet none of these.
    journal.query(database => database.exec("DELETE FROM snapshots WHERE machine = 'run@2'"))
    journal.query(database => database.exec("UPDATE events SET data = '' WHERE version = 10"))
    journal.fold('run/a', machine)
    assert.throws(() => journal.fold('run/a', second))
  }),
)

snapshots('in a state that the machine no longer has are passed over', () =>
  withJournal(journal => {
    fillLong(journal)
    journal.fold('run/a', machine)
    const changed = setup({}).createMachine({ id: 'run', version: '1', initial: 'only', states: { only: {} } })
    const { snapshot, version } = journal.fold('run/a', changed)
    assert.equal([snapshot.value, snapshot.status, version], ['only', 'active', count])
  }),
)

snapshots('are kept for a live machine, if they are of its last event', () =>
  withJournal(journal => {
    fillLong(journal)
    const state = journal.fold('run/a', machine, { until: 234, snapshots: false })
    const [event] = journal.read({ stream: 'run/a', after: 233, limit: 1 })
    const [earlier] = journal.read({ stream: 'run/a', limit: 1 })
    if (event === undefined || earlier === undefined) throw new Error('the events are missing')
    assert.throws(() => journal.saveSnapshot(machine, state, earlier), TypeError)
    assert.equal(snapshotVersions(journal), [])
    journal.saveSnapshot(machine, state, event)
    assert.equal(snapshotVersions(journal), [['run@1', 234]])
    assertSameFold(journal.fold('run/a', machine), journal.fold('run/a', machine, { snapshots: false }))
  }),
)

snapshots('are used, but not kept, by a journal that is only read', () =>
  withJournal(journal => {
    fillLong(journal)
    const wanted = journal.fold('run/a', machine, { snapshots: false })
    const reader = Journal.open(journal.path, { readOnly: true })
    assertSameFold(reader.fold('run/a', machine), wanted)
    assert.equal(snapshotVersions(journal), [])
    journal.fold('run/a', machine)
    assertSameFold(reader.fold('run/a', machine), wanted)
    const [event] = reader.read({ after: count - 1 })
    if (event === undefined) throw new Error('the event is missing')
    thrownBy(JournalReadOnlyError, () => reader.saveSnapshot(machine, wanted, event))
    reader.close()
  }),
)

snapshots('that find no room do not keep a fold from its end', () =>
  withJournal(journal => {
    journal.append('run/a', manyContinued(snapshotInterval))
    const heavy = setup({ types: {} as { context: { ballast: string } } }).createMachine({
      id: 'heavy',
      context: { ballast: 'x'.repeat(100_000) },
    })
    const limit = (pages: unknown) => journal.query(database => database.pragma(`max_page_count = ${pages}`))
    limit(journal.query(database => database.pragma('page_count', { simple: true })))
    assert.is(journal.fold('run/a', heavy).version, snapshotInterval)
    assert.equal(snapshotVersions(journal), [])
    limit(100_000)
    journal.fold('run/a', heavy)
    assert.equal(snapshotVersions(journal), [['heavy@0', snapshotInterval]])
  }),
)

snapshots('can be walked through, oldest first', () =>
  withJournal(journal => {
    fillLong(journal)
    assert.equal([...journal.snapshots('run/a', machine)], [])
    journal.fold('run/a', machine)
    const kept = [...journal.snapshots('run/a', machine)]
    assert.equal(
      kept.map(state => state.version),
      [firstKept, secondKept],
    )
    for (const state of kept) {
      assertSameFold(state, journal.fold('run/a', machine, { until: state.version, snapshots: false }))
    }
  }),
)
snapshots.run()
