import { readdirSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { everything } from '../../support/archived-journal.ts'
import { ChildScript, killScripts } from '../../support/child-script.ts'
import { continued, stepCompleted, stepOf } from '../../support/facts.ts'
import { withJournal } from '../../support/journals.ts'

const killed = suite('a process that is killed while it archives')
killed.after.each(killScripts)

killed('has lost and doubled nothing, while others write and read, and the next one goes on', () =>
  withJournal(async journal => {
    const steps = 22_000
    const facts = Array.from({ length: steps }, (_, index) => stepCompleted(index + 1))
    journal.append('run/a', [continued(0), ...facts, continued(steps)])
    const all = everything(journal)
    const start = async (): Promise<ChildScript> => {
      const archiver = new ChildScript('test/journal/processes/archiver.ts', journal.path, 'run/a', 'a/archive')
      assert.is(await archiver.line(), 'archiving')
      return archiver
    }
    let written = 0
    // From the first moments of a file to after the handing over of one.
    for (const delay of [0, 15, 40, 70, 100]) {
      const archiver = await start()
      journal.append('run/b', [stepCompleted(++written)])
      await pause(delay)
      await archiver.kill()
      assert.equal(everything(journal, 'run/a'), all, `killed after ${delay} ms`)
      assert.equal(journal.gaps(), [])
      assert.equal(journal.archiveFaults(), [])
    }
    const last = await start()
    // Appending does not wait for it by more than the handing over of a file.
    journal.append('run/b', [stepCompleted(++written)])
    assert.is((await last.rest()).at(-1), 'done')
    assert.equal(everything(journal, 'run/a'), all)
    assert.equal([...journal.verify('run/a')], [])
    assert.equal(
      everything(journal, 'run/b').map(stepOf),
      Array.from({ length: written }, (_, index) => index + 1),
    )
    assert.equal(journal.databaseFaults(), [])
    assert.is(
      journal.archivedChunks('run/a').reduce((sum, { events }) => sum + events, 0),
      steps,
    )
    const named = journal.archivedChunks().map(({ uri }) => path.basename(uri))
    assert.equal(readdirSync(path.join(path.dirname(journal.path), 'a', 'archive')).sort(), named)
  }),
)
killed.run()
