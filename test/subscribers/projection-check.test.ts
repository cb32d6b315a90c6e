import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Journal } from '../../src/journal/journal.ts'
import { checkProjection } from '../../src/subscribers/projection-check.ts'
import { SubscriberRunner } from '../../src/subscribers/subscriber-runner.ts'
import { manyContinued } from '../support/facts.ts'
import { withJournal } from '../support/journals.ts'
import { tally } from '../support/tally.ts'

const test = suite('checkProjection')

const stream = 'run/one'

async function withTally(use: (journal: Journal) => void): Promise<void> {
  await withJournal(async journal => {
    journal.append(stream, manyContinued(5))
    const runner = new SubscriberRunner(journal, tally(), { stream })
    await runner.settle()
    runner.stop()
    use(journal)
  })
}

function check(journal: Journal, subscriber = tally(), of = stream) {
  const { status, message } = checkProjection(journal, subscriber, of)
  return [status, message]
}

test('finds rows as a rebuild gives them, and changes nothing', async () => {
  await withTally(journal => {
    const head = journal.head
    assert.equal(check(journal), ['equal', ''])
    assert.is(journal.head, head)
  })
})

const edits: Readonly<Record<string, { sql: string; message: string }>> = {
  'an edited row': {
    sql: 'UPDATE tally SET position = 77 WHERE version = 3',
    message:
      'row 3 of tally is {"stream":"run/one","version":3,"position":77} but a rebuild gives {"stream":"run/one","version":3,"position":3}',
  },
  'a row that was removed': {
    sql: 'DELETE FROM tally WHERE version = 5',
    message: 'row 5 of tally is missing but a rebuild gives {"stream":"run/one","version":5,"position":5}',
  },
  'a row too many': {
    sql: "INSERT INTO tally VALUES ('run/one', 9, 9)",
    message: 'row 6 of tally is {"stream":"run/one","version":9,"position":9} but a rebuild gives no such row',
  },
}

for (const [what, { sql, message }] of Object.entries(edits)) {
  test(`finds ${what}`, async () => {
    await withTally(journal => {
      journal.transaction(database => database.exec(sql))
      assert.equal(check(journal), ['different', message])
    })
  })
}

test('leaves the rows of other streams alone', async () => {
  await withTally(journal => {
    journal.transaction(database => database.exec("INSERT INTO tally VALUES ('run/other', 9, 9)"))
    assert.is(check(journal)[0], 'equal')
  })
})

test('says how far one is behind, that one was never there, and that it is of another revision', async () => {
  await withTally(journal => {
    journal.append(stream, manyContinued(2))
    assert.equal(check(journal), ['behind', '2 events are still to be handled'])
    assert.equal(check(journal, tally({ name: 'other' })), ['absent', 'it has never followed this run'])
    assert.equal(check(journal, tally(), 'run/other'), ['absent', 'it has never followed this run'])
    assert.equal(check(journal, tally({ revision: 2 })), [
      'different',
      'it was built by revision 1, and this is revision 2',
    ])
  })
})

test('says where one was parked', async () => {
  await withJournal(async journal => {
    journal.append(stream, manyContinued(3))
    const breaking = tally({
      before: ({ version }) => {
        if (version === 2) throw new Error('two')
      },
    })
    const runner = new SubscriberRunner(journal, breaking, { stream, retryAfter: () => 0 })
    await runner.settle()
    runner.stop()
    assert.equal(check(journal, breaking), ['parked', 'it was parked at position 2: two'])
  })
})

test.run()
