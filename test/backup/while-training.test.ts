import { readdirSync } from 'node:fs'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { backupStore } from '../../src/backup/backup-store.ts'
import { restoreStore } from '../../src/backup/restore-store.ts'
import { Journal } from '../../src/journal/journal.ts'
import { runStream, Store } from '../../src/storage/store.ts'
import { standardSubscribers } from '../../src/subscribers/standard-subscribers.ts'
import { verifyRun } from '../../src/verification/verify-run.ts'
import { startChild } from '../support/child.ts'
import { colourRun } from '../support/colour-run.ts'
import { finalHash, reading, train } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { undisturbedRun } from '../support/undisturbed-run.ts'

const test = suite('a backup while a run is trained')

test('holds a moment of the run, and the restored run goes on to the same bits', () =>
  inTemporaryFolder(async folder => {
    const undisturbed = await undisturbedRun()
    const store = path.join(folder, 'runs')
    const child = startChild('training-child.ts', { store, name: 'colours', resume: false })
    const backups: { at: number; folder: string }[] = []
    for await (const line of child.lines) {
      const step = /^step\.completed (\d+)$/.exec(line)?.[1]
      if (step === undefined || Number(step) % 8 !== 2) continue
      const destination = path.join(folder, `backup-${step}`)
      const { runs, events, lost } = await backupStore(store, destination)
      assert.equal([runs, lost], [1, []])
      backups.push({ at: events, folder: destination })
    }
    await child.finish()
    assert.is(finalHash(store, 'colours'), undisturbed.hash)
    assert.is(backups.length, 2)

    for (const [index, backup] of backups.entries()) {
      const restored = path.join(folder, `restored-${index}`)
      const { events } = await restoreStore(backup.folder, restored)
      assert.is(events, backup.at)
      const version = reading(restored, journal => journal.streamVersion(runStream('colours')))
      assert.is(version, events)
      const ended = reading(restored, journal => [...journal.read({ types: ['run.completed'] })].length === 1)
      if (!ended) await train(colourRun(), { store: restored, resume: 'colours' })
      assert.is(finalHash(restored, 'colours'), undisturbed.hash, `from the backup at event ${events}`)
      const journal = Journal.open(new Store(restored).journalPath, { readOnly: true })
      for await (const check of verifyRun(journal, new Store(restored), 'colours', standardSubscribers)) {
        assert.ok(check.ok, `${check.subject}: ${check.message}`)
      }
      journal.close()
    }
    assert.not(readdirSync(folder).some(name => name.endsWith('.tmp')))
  }))
test.run()
