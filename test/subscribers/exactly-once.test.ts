import path from 'node:path'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Journal } from '../../src/journal/journal.ts'
import { checkProjection } from '../../src/subscribers/projection-check.ts'
import { SubscriberRunner } from '../../src/subscribers/subscriber-runner.ts'
import { startChild } from '../support/child.ts'
import { manyContinued } from '../support/facts.ts'
import { withJournal } from '../support/journals.ts'
import { tallied, tally, upTo } from '../support/tally.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('exactly once')

const stream = 'run/one'

test('a process that is killed in the middle of a batch leaves whole batches, and the next one goes on', async () => {
  await inTemporaryFolder(async folder => {
    const file = path.join(folder, 'journal.sqlite')
    const journal = Journal.open(file)
    journal.append(stream, manyContinued(38))
    for (const [dieAt, kept] of [
      [7, 0],
      [25, 20],
    ] as const) {
      await startChild('subscribing-child.ts', { file, stream, dieAt }).gone()
      const rows = kept === 0 ? 0 : tallied(journal, stream).length
      assert.is(rows, kept, `rows after a death at ${dieAt}`)
    }
    const runner = new SubscriberRunner(journal, tally(), { stream })
    await runner.settle()
    assert.equal(tallied(journal, stream), upTo(38))
    assert.is(runner.actor.getSnapshot().context.handled, 18)
    runner.stop()
    journal.close()
  })
})

/** What happens to a journal and a subscriber of it. */
const happening = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('append' as const), count: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('settle' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('fail' as const), times: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rebuild' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('retry' as const) }) },
)

test('however appends, failures, restarts and rebuilds follow each other, the projection is the same', async () => {
  await withJournal(async journal => {
    let run = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(happening, { maxLength: 25 }),
        fc.integer({ min: 1, max: 5 }),
        async (happenings, batchSize) => {
          const each = `run/${++run}`
          let failures = 0
          const subscriber = tally({
            before: () => {
              if (failures > 0) {
                failures -= 1
                throw new Error('it failed')
              }
            },
          })
          const start = () =>
            new SubscriberRunner(journal, subscriber, { stream: each, batchSize, retryAfter: () => 0 })
          let runner = start()
          for (const what of happenings) {
            if (what.kind === 'append') journal.append(each, manyContinued(what.count))
            if (what.kind === 'settle') await runner.settle()
            if (what.kind === 'fail') failures = what.times
            if (what.kind === 'rebuild') runner.rebuild()
            if (what.kind === 'retry') runner.retry()
            if (what.kind === 'restart') {
              runner.stop()
              runner = start()
            }
          }
          failures = 0
          runner.retry()
          await runner.settle()
          const version = journal.streamVersion(each)
          assert.equal(tallied(journal, each), upTo(version))
          if (version > 0) assert.is(checkProjection(journal, subscriber, each).status, 'equal')
          runner.stop()
        },
      ),
      { numRuns: 60 },
    )
  })
})

test.run()
