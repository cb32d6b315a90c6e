import { setTimeout as pause } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Running } from '../support/command-line.ts'
import { inSquaresProject } from '../support/squares-project.ts'

const test = suite('two trainers on one run')

/** Suspends a training between two writes: one that is suspended amid a write holds the journal, which is told otherwise. */
async function suspend({ child }: Running, journal: string): Promise<void> {
  for (;;) {
    child.kill('SIGSTOP')
    await pause(50)
    if (!isHeld(journal)) return
    child.kill('SIGCONT')
    await pause(5)
  }
}

/** Whether somebody is writing to the journal. */
function isHeld(journal: string): boolean {
  const database = new Database(journal, { timeout: 0 })
  try {
    database.exec('BEGIN IMMEDIATE; ROLLBACK')
    return false
  } catch (error) {
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) return true
    throw error
  } finally {
    database.close()
  }
}

test('the second is refused, also while the first is suspended; when the first is gone the run goes on', () =>
  inSquaresProject(async project => {
    const first = project.startTraining('--epochs', '5000', '--json')
    await first.seen(/step\.completed/)
    const second = () => project.start('resume', 'squares').ended
    const refused = async () => {
      const { code, err } = await second()
      assert.is(code, 1)
      assert.match(
        err,
        /chronograd: The run squares is being trained by another process; wait for it to end, or stop it\./,
      )
    }
    await refused()
    await suspend(first, project.path('runs', 'journal.sqlite'))
    await refused()
    first.child.kill('SIGKILL')
    assert.is((await first.ended).signal, 'SIGKILL')

    const third = project.start('resume', 'squares')
    await third.seen(/step/)
    third.child.kill('SIGINT')
    const ended = await third.ended
    assert.is(ended.code, 0, ended.err)
    const verified = await project.start('verify', 'squares').ended
    assert.is(verified.code, 0, verified.out)
  }))

test.run()
