import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Journal } from '../../src/journal/journal.ts'
import { cursorsOf, wholeJournal } from '../../src/subscribers/cursor-store.ts'
import { checkProjection } from '../../src/subscribers/projection-check.ts'
import { replay } from '../../src/subscribers/replay.ts'
import {
  assertSubscribers,
  InvalidSubscriberError,
  type OpenHeld,
  type Subscriber,
} from '../../src/subscribers/subscriber.ts'
import { SubscriberRunner } from '../../src/subscribers/subscriber-runner.ts'
import { continued, manyContinued, paused, stepOf } from '../support/facts.ts'
import { leaveRoom } from '../support/full-disk.ts'
import { withJournal } from '../support/journals.ts'
import { tallied, tally, upTo } from '../support/tally.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { thrownBy } from '../support/thrown.ts'
import { diagnosisRaised } from '../support/training-facts.ts'

const test = suite('SubscriberRunner')

const stream = 'run/one'
const atOnce = { retryAfter: () => 0 }

test('catches up over all history, batch after batch, and then follows', async () => {
  await withJournal(async journal => {
    journal.append(stream, manyContinued(23))
    const runner = new SubscriberRunner(journal, tally(), { stream, batchSize: 5 }).start()
    await runner.settle()
    assert.equal(tallied(journal, stream), upTo(23))
    assert.is(runner.actor.getSnapshot().value, 'live')
    journal.append(stream, manyContinued(4))
    await runner.settle()
    assert.equal(tallied(journal, stream), upTo(27))
    assert.is(runner.actor.getSnapshot().context.handled, 27)
    assert.equal(
      cursorsOf(
        journal.query(database => database),
        stream,
      ),
      [
        {
          subscriber: 'tally',
          scope: stream,
          revision: 1,
          cursor: 27,
          status: 'following',
          failed_at: null,
          error: null,
        },
      ],
    )
    runner.stop()
  })
})

test('follows what is appended without being asked to settle, by this process or another', async () => {
  await withJournal(
    async journal => {
      const runner = new SubscriberRunner(journal, tally(), { stream }).start()
      await runner.settle()
      journal.append(stream, manyContinued(2))
      const other = Journal.open(journal.path)
      other.append(stream, manyContinued(2))
      other.close()
      while (tallied(journal, stream).length < 4) await new Promise(resolve => setTimeout(resolve, 5))
      assert.equal(tallied(journal, stream), upTo(4))
      runner.stop()
    },
    { pollEvery: 5 },
  )
})

test('handles the types that it wants, and passes over the others for good', async () => {
  await withJournal(async journal => {
    journal.append(stream, [continued(1), paused(1), continued(2), paused(2), continued(3)])
    const runner = new SubscriberRunner(journal, tally({ types: ['run.paused'] }), { stream, batchSize: 1 })
    await runner.settle()
    assert.equal(tallied(journal, stream), [2, 4])
    assert.is(runner.actor.getSnapshot().context.cursor, 5)
    runner.stop()
  })
})

test('follows one stream or the whole journal', async () => {
  await withJournal(async journal => {
    journal.append('run/one', manyContinued(2))
    journal.append('run/two', manyContinued(3))
    const one = new SubscriberRunner(journal, tally({ name: 'one-stream' }), { stream: 'run/one' })
    const all = new SubscriberRunner(journal, tally({ name: 'all-streams' }))
    await one.settle()
    await all.settle()
    assert.equal(tallied(journal, 'run/two', 'one_stream'), [])
    assert.equal(tallied(journal, 'run/two', 'all_streams'), upTo(3))
    assert.is(
      cursorsOf(
        journal.query(database => database),
        wholeJournal,
      )[0]?.cursor,
      5,
    )
    one.stop()
    all.stop()
  })
})

test('goes on after its cursor in another process', async () => {
  await inTemporaryFolder(async folder => {
    const file = path.join(folder, 'journal.sqlite')
    for (const count of [3, 5, 9]) {
      const journal = Journal.open(file)
      journal.append(stream, manyContinued(count - journal.streamVersion(stream)))
      const runner = new SubscriberRunner(journal, tally(), { stream })
      await runner.settle()
      assert.equal(tallied(journal, stream), upTo(count))
      runner.stop()
      journal.close()
    }
  })
})

test('two runners of one scope share the work and double none of it', async () => {
  await inTemporaryFolder(async folder => {
    const file = path.join(folder, 'journal.sqlite')
    const one = Journal.open(file, { pollEvery: 2 })
    const other = Journal.open(file, { pollEvery: 2 })
    const runners = [one, other].map(journal =>
      new SubscriberRunner(journal, tally(), { stream, batchSize: 3 }).start(),
    )
    for (let round = 0; round < 10; round++) {
      one.append(stream, manyContinued(10))
      other.append(stream, manyContinued(10))
      await new Promise(setImmediate)
    }
    for (const runner of runners) await runner.settle()
    assert.equal(tallied(one, stream), upTo(200))
    const handled = runners.map(runner => runner.actor.getSnapshot().context.handled)
    assert.is((handled[0] ?? 0) + (handled[1] ?? 0), 200, `handled: ${handled}`)
    for (const runner of runners) runner.stop()
    one.close()
    other.close()
  })
})

test('one that fails now and then loses nothing and doubles nothing', async () => {
  await withJournal(async journal => {
    journal.append(stream, manyContinued(20))
    let calls = 0
    const before = () => {
      calls += 1
      if (calls % 4 === 0) throw new Error('now and then')
    }
    const runner = new SubscriberRunner(journal, tally({ before }), { stream, batchSize: 6, ...atOnce })
    await runner.settle()
    assert.is(runner.actor.getSnapshot().value, 'live')
    assert.equal(tallied(journal, stream), upTo(20))
    runner.stop()
  })
})

test('one that fails for good is parked at that event, with all before it done, and goes on when told to', async () => {
  await withJournal(async journal => {
    journal.append('run/before', manyContinued(3))
    journal.append(stream, manyContinued(9))
    let broken = true
    let attempts = 0
    const before = (event: { data: unknown }) => {
      if (stepOf(event) !== 6 || !broken) return
      attempts += 1
      throw new Error('six is too much')
    }
    const waits: number[] = []
    const retryAfter = (attempt: number) => {
      waits.push(attempt)
      return 0
    }
    const runner = new SubscriberRunner(journal, tally({ before }), { stream, maximumAttempts: 3, retryAfter }).start()
    await runner.settle()
    assert.is(runner.actor.getSnapshot().value, 'parked')
    assert.equal(tallied(journal, stream), upTo(5))
    assert.ok(attempts >= 3, `${attempts} attempts`)
    assert.equal(waits, [1, 2])
    const parked = {
      subscriber: 'tally',
      scope: stream,
      revision: 1,
      cursor: 5,
      status: 'parked',
      failed_at: 9,
      error: 'six is too much',
    }
    const cursors = () =>
      cursorsOf(
        journal.query(database => database),
        stream,
      )
    assert.equal(cursors(), [parked])

    // Parked, it stays so, whatever is appended.
    journal.append(stream, [continued(10)])
    await runner.settle()
    assert.equal(cursors(), [parked])

    broken = false
    runner.retry()
    await runner.settle()
    assert.equal(tallied(journal, stream), upTo(10))
    assert.equal(cursors(), [{ ...parked, cursor: 10, status: 'following', failed_at: null, error: null }])
    runner.stop()
  })
})

test('one whose rows find no room on the disk is not at fault: it goes on with the next event that finds some', async () => {
  await withJournal(async journal => {
    journal.append(stream, manyContinued(2_000))
    leaveRoom(journal, 0)
    const runner = new SubscriberRunner(journal, tally(), { stream, maximumAttempts: 1 }).start()
    await runner.settle()
    assert.is(runner.actor.getSnapshot().value, 'parked')
    leaveRoom(journal, 10_000)
    journal.append(stream, [continued(2_001)])
    await runner.settle()
    assert.is(runner.actor.getSnapshot().value, 'live')
    assert.equal(tallied(journal, stream), upTo(2_001))
    runner.stop()
  })
})

test('one that fails at the first event is parked before it', async () => {
  await withJournal(async journal => {
    journal.append(stream, manyContinued(2))
    const before = () => {
      throw new Error('at once')
    }
    const runner = new SubscriberRunner(journal, tally({ before }), { stream, ...atOnce })
    await runner.settle()
    assert.equal(tallied(journal, stream), [])
    const [cursor] = cursorsOf(
      journal.query(database => database),
      stream,
    )
    assert.equal([cursor?.status, cursor?.cursor, cursor?.failed_at], ['parked', 0, 1])
    runner.stop()
  })
})

test('an event that cannot be read parks it, with all before that one done', async () => {
  await withJournal(async journal => {
    journal.append(stream, manyContinued(5))
    journal.query(database => database.exec(`UPDATE events SET data = 'no JSON' WHERE version = 4`))
    const runner = new SubscriberRunner(journal, tally(), { stream, ...atOnce })
    await runner.settle()
    assert.equal(tallied(journal, stream), upTo(3))
    const [cursor] = cursorsOf(
      journal.query(database => database),
      stream,
    )
    assert.equal([cursor?.status, cursor?.cursor], ['parked', 3])
    assert.match(cursor?.error ?? '', 'version 4')
    runner.stop()
  })
})

test('one whose tables cannot be made is parked', async () => {
  await withJournal(async journal => {
    journal.append(stream, manyContinued(2))
    const subscriber: Subscriber = { ...tally(), tables: { tally: 'this is no SQL' } }
    const runner = new SubscriberRunner(journal, subscriber, { stream, ...atOnce })
    await runner.settle()
    assert.is(runner.actor.getSnapshot().value, 'parked')
    runner.stop()
  })
})

test('an asynchronous handler is refused, and nothing of it is kept', async () => {
  await withJournal(async journal => {
    journal.append(stream, manyContinued(2))
    const subscriber: Subscriber = {
      ...tally(),
      // A mistake that the types let through.
      handle: (async (event, { statement }) => {
        statement('INSERT INTO tally VALUES (?, ?, ?)').run(event.stream, event.version, event.position)
        throw new Error('later')
      }) as Subscriber['handle'],
    }
    const runner = new SubscriberRunner(journal, subscriber, { stream, ...atOnce })
    await runner.settle()
    const { value, context } = runner.actor.getSnapshot()
    assert.is(value, 'parked')
    assert.match(context.failure?.error ?? '', 'The subscriber tally returned a promise from handle')
    assert.equal(tallied(journal, stream), [])
    runner.stop()
  })
})

test('a rebuild begins at the first event, of a runner that is live as well', async () => {
  await withJournal(async journal => {
    journal.append(stream, manyContinued(5))
    journal.append('run/other', manyContinued(2))
    const other = new SubscriberRunner(journal, tally(), { stream: 'run/other' })
    await other.settle()
    const runner = new SubscriberRunner(journal, tally(), { stream }).start()
    await runner.settle()
    journal.transaction(database => database.exec('UPDATE tally SET version = 99'))
    runner.rebuild()
    await runner.settle()
    assert.equal(tallied(journal, stream), upTo(5))
    assert.equal(tallied(journal, 'run/other'), [99, 99], 'other scopes are left alone')
    runner.stop()
    other.stop()
  })
})

test('replay gives the same rows, says how many events it handled, and where it broke', async () => {
  await withJournal(async journal => {
    journal.append(stream, manyContinued(7))
    const good = tally({ name: 'good' })
    const bad = tally({
      name: 'bad',
      before: event => {
        if (event.version === 4) throw new Error('four')
      },
    })
    for (let time = 0; time < 2; time++) {
      const results = await replay(journal, stream, { subscribers: [good, bad] })
      assert.equal(results, [
        { subscriber: 'good', events: 7, rows: { good: 7 }, parked: null },
        { subscriber: 'bad', events: 3, rows: { bad: 3 }, parked: { position: 4, error: 'four' } },
      ])
      assert.equal(tallied(journal, stream, 'good'), upTo(7))
      assert.equal(tallied(journal, stream, 'bad'), upTo(3))
    }
  })
})

test('another revision builds everything anew, in every scope and with other columns', async () => {
  for (const how of ['runner', 'replay'] as const) {
    await withJournal(async journal => {
      for (const each of [stream, 'run/other']) {
        journal.append(each, manyContinued(3))
        const runner = new SubscriberRunner(journal, tally(), { stream: each })
        await runner.settle()
        runner.stop()
      }
      const next: Subscriber = {
        ...tally({ revision: 2 }),
        tables: { tally: 'version INTEGER NOT NULL, position INTEGER NOT NULL, type TEXT NOT NULL' },
        handle: (event, { statement }) => {
          statement('INSERT INTO tally VALUES (?, ?, ?, ?)').run(
            event.stream,
            event.version,
            event.position,
            event.type,
          )
        },
      }
      if (how === 'replay') {
        assert.equal(await replay(journal, stream, { subscribers: [next] }), [
          { subscriber: 'tally', events: 3, rows: { tally: 3 }, parked: null },
        ])
      } else {
        const runner = new SubscriberRunner(journal, next, { stream })
        await runner.settle()
        runner.stop()
      }
      assert.equal(tallied(journal, stream), upTo(3))
      assert.equal(tallied(journal, 'run/other'), [], 'the other scope is built when it is followed again')
      const other = new SubscriberRunner(journal, next, { stream: 'run/other' })
      await other.settle()
      assert.equal(tallied(journal, 'run/other'), upTo(3))
      other.stop()
    })
  }
})

/** Appends a diagnosis at every third event, put as `advice` has it. */
function adviser(revision: number, advice: string): Subscriber {
  return {
    name: 'adviser',
    revision,
    types: ['run.continued'],
    handle(event, { append }) {
      const step = stepOf(event)
      if (step % 3 !== 0) return
      const { type, data } = diagnosisRaised(step)
      append({ type, data: { ...data, advice } }, 'first')
      append({ type, data: { ...data, advice: `${advice}, twice` } }, 'second')
    },
  }
}

test('facts that follow from an event are appended once, also on a rebuild and by another revision', async () => {
  await withJournal(async journal => {
    journal.append(stream, [continued(3, { meta: { attempt: 2 } }), continued(4), continued(6)])
    const runner = new SubscriberRunner(journal, adviser(1, 'mind the step'), { stream })
    await runner.settle()
    runner.stop()
    const facts = () => [...journal.read({ stream, types: ['diagnosis.raised'] })]
    const first = facts()
    assert.equal(
      first.map(({ data }) => [stepOf({ data }), (data as { advice: string }).advice]),
      [
        [3, 'mind the step'],
        [3, 'mind the step, twice'],
        [6, 'mind the step'],
        [6, 'mind the step, twice'],
      ],
    )
    const [cause] = journal.readPage({ stream }, 1)
    assert.equal(first[0]?.meta, { attempt: 2, causation: cause?.id })
    assert.is(first[0]?.id, `adviser/${cause?.id}/first`)

    await replay(journal, stream, { subscribers: [adviser(1, 'mind the step')] })
    const results = await replay(journal, stream, { subscribers: [adviser(2, 'put otherwise')] })
    assert.equal(results, [{ subscriber: 'adviser', events: 3, rows: {}, parked: null }])
    assert.equal(facts(), first)
  })
})

test('a fact and the rows of the event that it follows from are kept together or not at all', async () => {
  await withJournal(async journal => {
    journal.append(stream, manyContinued(3))
    const subscriber: Subscriber = {
      ...adviser(1, 'mind the step'),
      handle(event, context) {
        adviser(1, 'mind the step').handle(event, context)
        if (stepOf(event) === 3) throw new Error('after the fact')
      },
    }
    const runner = new SubscriberRunner(journal, subscriber, { stream, ...atOnce })
    await runner.settle()
    assert.is(runner.actor.getSnapshot().value, 'parked')
    assert.is(journal.streamVersion(stream), 3)
    runner.stop()
  })
})

/** Adds the steps of a batch up in memory, and tells what it does with that. */
function summing(told: string[], failAt?: number): Subscriber {
  const open: OpenHeld<{ sum: number; save(): void }> = (key, { statement }) => {
    const row = statement('SELECT total FROM sums WHERE stream = ?').get(key) as { total: number } | undefined
    told.push(`open at ${row?.total ?? 0}`)
    return {
      sum: row?.total ?? 0,
      save() {
        told.push(`save ${this.sum}`)
        statement('INSERT OR REPLACE INTO sums VALUES (?, ?)').run(key, this.sum)
      },
    }
  }
  return {
    name: 'sums',
    revision: 1,
    tables: { sums: 'total INTEGER NOT NULL, PRIMARY KEY (stream)' },
    handle(event, { hold }) {
      hold(open, event.stream).sum += stepOf(event)
      if (stepOf(event) === failAt) throw new Error('no more')
    },
  }
}

test('what is held open is read and written once for a batch', async () => {
  await withJournal(async journal => {
    journal.append(stream, manyContinued(5))
    const told: string[] = []
    const runner = new SubscriberRunner(journal, summing(told), { stream, batchSize: 3 })
    await runner.settle()
    assert.equal(told, ['open at 0', 'save 6', 'open at 6', 'save 15'])
    assert.is(checkProjection(journal, summing([]), stream).status, 'equal')
    runner.stop()
  })
})

test('what was held for events that failed is forgotten, and those before them count once', async () => {
  await withJournal(async journal => {
    journal.append(stream, manyContinued(5))
    const told: string[] = []
    const runner = new SubscriberRunner(journal, summing(told, 4), { stream, ...atOnce })
    await runner.settle()
    assert.is(runner.actor.getSnapshot().value, 'parked')
    assert.equal(told.slice(0, 3), ['open at 0', 'open at 0', 'save 6'])
    assert.ok(told.slice(3).every(what => what === 'open at 6'))
    runner.stop()
  })
})

const handle = () => {}
const invalid: Readonly<Record<string, readonly Subscriber[]>> = {
  'a name in capitals': [{ name: 'Tally', revision: 1, handle }],
  'a name with a space': [{ name: 'my tally', revision: 1, handle }],
  'a name that ends with a hyphen': [{ name: 'tally-', revision: 1, handle }],
  'no name': [{ name: '', revision: 1, handle }],
  "another's table": [{ name: 'tally', revision: 1, tables: { metrics_blocks: 'a TEXT' }, handle }],
  'a table that only begins alike': [{ name: 'tally', revision: 1, tables: { tallying: 'a TEXT' }, handle }],
  'a table that is no word': [
    { name: 'tally', revision: 1, tables: { 'tally_a; DROP TABLE events': 'a TEXT' }, handle },
  ],
  "the journal's own table": [{ name: 'events', revision: 1, tables: { events: 'a TEXT' }, handle }],
  'two of one name': [
    { name: 'tally', revision: 1, handle },
    { name: 'tally', revision: 2, handle },
  ],
  'two with one table': [
    { name: 'one', revision: 1, tables: { one_two: 'a TEXT' }, handle },
    { name: 'one-two', revision: 1, tables: { one_two: 'a TEXT' }, handle },
  ],
}

for (const [what, subscribers] of Object.entries(invalid)) {
  test(`refuses ${what}`, async () => {
    thrownBy(InvalidSubscriberError, () => assertSubscribers(subscribers))
    const [only, another] = subscribers
    if (only === undefined || another !== undefined) return
    await withJournal(journal => thrownBy(InvalidSubscriberError, () => new SubscriberRunner(journal, only)))
  })
}

test.run()
