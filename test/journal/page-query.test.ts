import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { trainingEvents } from '../../src/events/training-events.ts'
import type { ReadOptions } from '../../src/journal/event-reader.ts'
import { frequentTypes } from '../../src/journal/frequent-types.ts'
import type { Journal } from '../../src/journal/journal.ts'
import { pageQuery } from '../../src/journal/page-query.ts'
import { withJournal } from '../support/journals.ts'

const query = suite('the query for a page of events')

const rareTypes = [...trainingEvents.map(({ type }) => type as string), 'lamp.lit'].filter(
  type => !frequentTypes.includes(type),
)

const bound = fc.option(fc.nat(), { nil: undefined })
const range = {
  stream: fc.constantFrom(undefined, 'run/a'),
  after: bound,
  until: bound,
  backwards: fc.option(fc.boolean(), { nil: undefined }),
}

/** What SQLite would do, step by step: where it searches, and whether it sorts. */
function planOf(journal: Journal, options: ReadOptions): string[] {
  const { sql, parameters } = pageQuery(options, 500)
  const plan = journal.query(database => database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(parameters))
  return plan.map(row => (row as { detail: string }).detail)
}

/** Where events are looked for; how several places are put together, and what types are compared with, is left out. */
const searches = (plan: readonly string[]) => plan.filter(detail => detail.includes(' events'))

query('finds rare events through their own index, each type in one range, and sorts nothing', () =>
  withJournal(journal => {
    const options = fc.record({ ...range, types: fc.subarray(rareTypes, { minLength: 1 }) })
    fc.assert(
      fc.property(options, given => {
        const { stream, types } = given
        const plan = planOf(journal, given as ReadOptions)
        const search =
          stream === undefined
            ? 'SEARCH events USING INDEX rare_events (type=? AND position>?'
            : 'SEARCH events USING INDEX rare_events_of_streams (stream=? AND type=? AND version>?'
        const found = searches(plan)
        assert.is(found.length, types.length)
        for (const detail of found) assert.ok(detail.startsWith(search), detail)
        assert.not.match(plan.join('\n'), /SCAN|TEMP B-TREE/)
      }),
      { numRuns: 50 },
    )
  }),
)

query('goes over one range of all events where steps are asked for, or everything', () =>
  withJournal(journal => {
    const types = fc.option(
      fc.subarray([...rareTypes, ...frequentTypes]).map(some => [...some, 'step.completed']),
      { nil: undefined },
    )
    fc.assert(
      fc.property(fc.record({ ...range, types }), given => {
        const plan = planOf(journal, given as ReadOptions)
        const [search, ...others] = searches(plan)
        assert.equal(others, [])
        const index =
          given.stream === undefined
            ? 'SEARCH events USING INTEGER PRIMARY KEY (rowid>?'
            : 'SEARCH events USING INDEX sqlite_autoindex_events_2 (stream=? AND version>?'
        assert.ok(search?.startsWith(index), search)
        assert.not.match(plan.join('\n'), 'TEMP B-TREE')
      }),
      { numRuns: 50 },
    )
  }),
)

query('is still one that SQLite takes where very many types are asked for, and the same one twice', () =>
  withJournal(journal => {
    journal.append('run/a', [{ type: 'run.continued', data: { step: 1 } }])
    const types = Array.from({ length: 1_000 }, (_, index) => `lamp.lit-${index}`)
    assert.is(journal.readPage({ stream: 'run/a', types: [...types, 'run.continued'] }).length, 1)
    assert.is(journal.readPage({ types: ['run.continued', 'run.paused', 'run.continued'] }).length, 1)
    assert.equal(journal.readPage({ types: [] }), [])
  }),
)

query.run()
