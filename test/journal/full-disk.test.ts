import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Journal } from '../../src/journal/journal.ts'
import { JournalWriteError } from '../../src/journal/journal-errors.ts'
import { checkpointDeleted, continued, manyContinued, stepCompleted, stepOf } from '../support/facts.ts'
import { withJournal } from '../support/journals.ts'
import { thrownBy } from '../support/thrown.ts'

const fullDisk = suite('a full disk')

/** Lets the journal's file grow by so many pages and no more, as a disk would that is about to be full. */
function leaveRoom(journal: Journal, pages: number): void {
  journal.query(database => {
    const used = database.pragma('page_count', { simple: true }) as number
    database.pragma(`max_page_count = ${used + pages}`)
  })
}

function fillUp(journal: Journal): number {
  for (let step = journal.head + 1; ; step++) {
    const before = journal.head
    try {
      journal.append('run/a', [stepCompleted(step)], { expectedVersion: before })
    } catch (error) {
      assert.instance(error, JournalWriteError)
      assert.is(journal.head, before)
      return before
    }
  }
}

fullDisk('refuses the append, keeps what was written, and is written on when there is room', () =>
  withJournal(journal => {
    const published: number[] = []
    journal.appended$.subscribe(event => published.push(stepOf(event)))
    leaveRoom(journal, 20)
    const held = fillUp(journal)
    assert.ok(held > 20)

    const error = thrownBy(JournalWriteError, () => journal.append('run/a', manyContinued(1_000)))
    assert.match(error.message, journal.path)
    assert.match(error.message, 'make room on the disk')
    assert.match(error.message, 'nothing committed is lost')
    thrownBy(JournalWriteError, () => journal.append('run/a', new Array(100).fill(checkpointDeleted(1))))

    const steps = Array.from({ length: held }, (_, index) => index + 1)
    assert.equal([...journal.read({ stream: 'run/a' })].map(stepOf), steps)
    assert.equal(published, steps)
    assert.equal([...journal.verify('run/a')], [])
    const other = Journal.open(journal.path, { readOnly: true })
    assert.is(other.head, held)
    other.close()

    leaveRoom(journal, 1_000)
    const [next] = journal.append('run/a', [continued(held + 1)], { expectedVersion: held })
    assert.equal([next?.version, next?.position], [held + 1, held + 1])
    assert.equal(published, [...steps, held + 1])
    assert.equal([...journal.verify('run/a')], [])
    assert.equal(journal.gaps(), [])
    assert.is(
      journal.query(database => database.pragma('integrity_check', { simple: true })),
      'ok',
    )
  }),
)

fullDisk('undoes a transaction whole, and publishes nothing of it', () =>
  withJournal(journal => {
    const published: number[] = []
    journal.appended$.subscribe(event => published.push(stepOf(event)))
    journal.query(database => database.exec('CREATE TABLE sums (sum INTEGER)'))
    leaveRoom(journal, 10)
    thrownBy(JournalWriteError, () =>
      journal.transaction(database => {
        database.exec('INSERT INTO sums VALUES (1)')
        journal.append('run/a', [continued(1)])
        journal.append('run/a', manyContinued(2_000))
      }),
    )
    assert.is(journal.head, 0)
    assert.equal(published, [])
    assert.is(
      journal.query(database => database.prepare('SELECT count(*) FROM sums').pluck().get()),
      0,
    )
    journal.append('run/a', [continued(5)])
    assert.equal(published, [5])
  }),
)
fullDisk.run()
