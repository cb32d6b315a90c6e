import { firstValueFrom, take, toArray } from 'rxjs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { UnreadableEventError } from '../../src/events/event-errors.ts'
import type { FeedItem } from '../../src/journal/event-feed.ts'
import type { Journal } from '../../src/journal/journal.ts'
import { continued, manyContinued, paused, stepOf } from '../support/facts.ts'
import { withJournal } from '../support/journals.ts'

const feed = suite('Journal.feed$')

const turn = () => new Promise<void>(done => setImmediate(done))

/** Lets a feed do what it has begun: until nothing more was told for some turns of the event loop. */
async function settled(items: readonly unknown[]): Promise<void> {
  for (let quiet = 0, count = -1; quiet < 10; quiet++) {
    if (items.length !== count) quiet = 0
    count = items.length
    await turn()
  }
}

function collect(journal: Journal, options: Parameters<Journal['feed$']>[0] = {}) {
  const items: FeedItem[] = []
  const ends: unknown[] = []
  const subscription = journal.feed$(options).subscribe({
    next: item => items.push(item),
    error: error => ends.push(error),
    complete: () => ends.push('complete'),
  })
  const steps = () => items.map(item => (item.kind === 'event' ? stepOf(item.event) : item.kind))
  return { items, steps, ends, subscription }
}

feed('tells the past, then once that it has caught up, then what comes', () =>
  withJournal(async journal => {
    journal.append('run/a', manyContinued(1_200))
    const { items, steps } = collect(journal)
    await settled(items)
    assert.equal(steps(), [...Array.from({ length: 1_200 }, (_, index) => index + 1), 'caught-up'])
    assert.equal(items.at(-1), { kind: 'caught-up', after: 1_200 })
    journal.append('run/a', [continued(1_201)])
    await settled(items)
    journal.append('run/b', [continued(1_202), continued(1_203)])
    await settled(items)
    assert.equal(steps().slice(1_200), ['caught-up', 1_201, 1_202, 1_203])
  }),
)

feed('catches up with an empty journal and a stream that is not there yet', () =>
  withJournal(async journal => {
    const feeds = [collect(journal), collect(journal, { stream: 'run/a' }), collect(journal, { after: 1 })]
    for (const { items } of feeds)
      assert.equal(
        items.map(item => item.kind),
        ['caught-up'],
      )
    journal.append('run/a', manyContinued(2))
    for (const { items } of feeds) await settled(items)
    assert.equal(
      feeds.map(({ steps }) => steps()),
      [
        ['caught-up', 1, 2],
        ['caught-up', 1, 2],
        ['caught-up', 2],
      ],
    )
  }),
)

feed('neither loses nor doubles what is appended while it catches up', () =>
  withJournal(async journal => {
    journal.append('run/a', manyContinued(1_700))
    let next = 1_701
    const { items, steps } = collect(journal)
    // Appends from within a listener, and from turns between the pages.
    const subscription = journal.events$().subscribe(event => {
      if (stepOf(event) % 100 === 0 && next < 2_000) journal.append('run/a', [continued(next++)])
    })
    for (let round = 0; round < 40; round++) {
      journal.append('run/a', [continued(next++)])
      await turn()
    }
    await settled(items)
    subscription.unsubscribe()
    const told = steps()
    assert.equal(
      told.filter(step => step !== 'caught-up'),
      Array.from({ length: next - 1 }, (_, index) => index + 1),
    )
    assert.is(told.filter(step => step === 'caught-up').length, 1)
  }),
)

feed('appends when caught up are told after it', () =>
  withJournal(async journal => {
    const told: unknown[] = []
    journal.feed$().subscribe(item => {
      told.push(item.kind === 'event' ? stepOf(item.event) : item.kind)
      if (item.kind === 'caught-up') journal.append('run/a', [continued(1)])
    })
    await settled(told)
    assert.equal(told, ['caught-up', 1])
  }),
)

feed('follows one stream by versions, from a version on, and the wanted types only', () =>
  withJournal(async journal => {
    for (let step = 1; step <= 3_000; step++) {
      journal.append('run/a', [step % 1_000 === 0 ? paused(step) : continued(step)])
      if (step % 10 === 0) journal.append('run/b', [paused(step)])
    }
    const stream = collect(journal, { stream: 'run/a', after: 2_998 })
    const types = collect(journal, { stream: 'run/a', types: ['run.paused'] })
    const none = collect(journal, { types: ['run.failed'] })
    await settled(types.items)
    await settled(none.items)
    assert.equal(stream.steps(), [2_999, 3_000, 'caught-up'])
    assert.equal(types.steps(), [1_000, 2_000, 3_000, 'caught-up'])
    assert.equal(none.items, [{ kind: 'caught-up', after: 3_300 }])
    journal.append('run/b', [paused(1)])
    journal.append('run/a', [continued(3_001), paused(3_002)])
    await settled(types.items)
    assert.equal(stream.steps().slice(3), [3_001, 3_002])
    assert.equal(types.steps().slice(4), [3_002])
    assert.is(none.items.length, 1)
  }),
)

feed('never reads again what it has passed, also where nothing was of the wanted types', () =>
  withJournal(async journal => {
    journal.append('run/a', manyContinued(2_000))
    const { items } = collect(journal, { types: ['run.paused'] })
    await settled(items)
    // A feed that began at the start again would meet this event and end with an error.
    journal.query(database => database.exec("UPDATE events SET type = 'run.paused', data = '' WHERE position = 7"))
    journal.append('run/a', [paused(1)])
    await settled(items)
    assert.equal(
      items.map(item => item.kind),
      ['caught-up', 'event'],
    )
  }),
)

feed('stops when unsubscribed, also in the middle of a page', () =>
  withJournal(async journal => {
    journal.append('run/a', manyContinued(600))
    const five = await firstValueFrom(journal.events$().pipe(take(5), toArray()))
    assert.equal(five.map(stepOf), [1, 2, 3, 4, 5])
    const { items, subscription, ends } = collect(journal)
    await settled(items)
    subscription.unsubscribe()
    journal.append('run/a', [continued(601)])
    const count = items.length
    await settled(items)
    assert.is(items.length, count)
    assert.equal(ends, [])
  }),
)

feed('completes when the journal is closed', () =>
  withJournal(async journal => {
    journal.append('run/a', manyContinued(1_200))
    const early = collect(journal)
    const late = collect(journal)
    await settled(late.items)
    journal.append('run/a', [continued(1)])
    let published = 'open'
    journal.appended$.subscribe({ complete: () => (published = 'complete') })
    journal.close()
    journal.close()
    assert.equal([early.ends, late.ends, published], [['complete'], ['complete'], 'complete'])
    await settled(late.items)
    assert.is(late.items.length, 1_201)
  }),
)

feed('ends with the error when it comes to an event that cannot be read', () =>
  withJournal(async journal => {
    journal.append('run/a', manyContinued(3))
    journal.query(database => database.exec("UPDATE events SET data = '{}' WHERE version = 2"))
    const { ends } = collect(journal)
    assert.is(ends.length, 1)
    assert.instance(ends[0], UnreadableEventError)
    // Others are none the worse.
    const later = collect(journal, { after: 2 })
    await settled(later.items)
    assert.equal(later.steps(), [3, 'caught-up'])
  }),
)
feed.run()
