import { readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { archiveRun, unarchiveRun } from '../../src/backup/archive-run.ts'
import { BackupError } from '../../src/backup/backup-errors.ts'
import { backupStore } from '../../src/backup/backup-store.ts'
import { restoreStore } from '../../src/backup/restore-store.ts'
import { Journal } from '../../src/journal/journal.ts'
import { RunLock, RunLockedError } from '../../src/storage/run-lock.ts'
import { runStream, Store } from '../../src/storage/store.ts'
import { replay } from '../../src/subscribers/replay.ts'
import { standardSubscribers } from '../../src/subscribers/standard-subscribers.ts'
import type { RunCheck } from '../../src/verification/run-check.ts'
import { verifyRun } from '../../src/verification/verify-run.ts'
import { everything, writeTwoRuns } from '../support/archived-journal.ts'
import { colourRun } from '../support/colour-run.ts'
import { canMount, onSmallDisk } from '../support/disks.ts'
import { stepCompleted } from '../support/facts.ts'
import { rejectedBy } from '../support/rejected.ts'
import { factsOf, finalHash, reading, train, trainUntil } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { thrownBy } from '../support/thrown.ts'
import { undisturbedRun } from '../support/undisturbed-run.ts'

const test = suite('archived runs')

const before = Number.MAX_SAFE_INTEGER

/** Opens a store's journal for writing. */
async function writing<Result>(folder: string, use: (journal: Journal, store: Store) => Result): Promise<Result> {
  const store = new Store(folder)
  const journal = Journal.open(store.journalPath)
  try {
    return await use(journal, store)
  } finally {
    journal.close()
  }
}

async function checksOf(folder: string): Promise<RunCheck[]> {
  const checks: RunCheck[] = []
  await writing(folder, async (journal, store) => {
    for await (const check of verifyRun(journal, store, 'colours', standardSubscribers)) checks.push(check)
  })
  return checks
}

const archiveFolder = (folder: string): string => path.join(folder, 'colours', 'archive')

test('are verified, replayed, backed up and restored, and go on to the same bits', () =>
  inTemporaryFolder(async folder => {
    const undisturbed = await undisturbedRun()
    const store = path.join(folder, 'runs')
    await trainUntil(10, colourRun(), { store })
    const facts = factsOf(store, 'colours')
    const summary = await writing(store, (journal, at) => archiveRun(journal, at, 'colours', { before }))
    const steps = reading(store, journal => journal.archivedChunks(runStream('colours')))
    assert.equal([summary.files, summary.events], [1, steps[0]?.events])
    assert.ok(summary.events >= 9)
    assert.equal(factsOf(store, 'colours'), facts)

    const checks = await checksOf(store)
    for (const { ok, subject, message } of checks) assert.ok(ok, `${subject}: ${message}`)
    assert.ok(checks.some(({ check }) => check === 'archive'))
    for (const { parked } of await writing(store, journal =>
      replay(journal, runStream('colours'), { subscribers: standardSubscribers }),
    )) {
      assert.is(parked, null)
    }

    const backup = path.join(folder, 'backup')
    await backupStore(store, backup)
    const restored = path.join(folder, 'restored')
    await restoreStore(backup, restored)
    assert.equal(factsOf(restored, 'colours'), facts)

    for (const each of [store, restored]) {
      await train(colourRun(), { store: each, resume: 'colours' })
      assert.is(finalHash(each, 'colours'), undisturbed.hash)
      assert.equal(
        factsOf(each, 'colours', 'step.completed').map(({ data }) => data.loss),
        undisturbed.losses,
      )
      for (const { ok, subject, message } of await checksOf(each)) assert.ok(ok, `${subject}: ${message}`)
    }
    const again = factsOf(store, 'colours')
    assert.ok((await writing(store, (journal, at) => archiveRun(journal, at, 'colours', { before }))).events > 0)
    await writing(store, (journal, at) => unarchiveRun(journal, at, 'colours'))
    assert.equal(factsOf(store, 'colours'), again)
    assert.equal(readdirSync(archiveFolder(store)), [])
  }))

test('with a damaged file are named by verify and by a backup, and the file can be brought back', () =>
  inTemporaryFolder(async folder => {
    const store = path.join(folder, 'runs')
    await train(colourRun({ epochs: 1 }), { store })
    await writing(store, (journal, at) => archiveRun(journal, at, 'colours', { before }))
    const [name = ''] = readdirSync(archiveFolder(store))
    const file = path.join(archiveFolder(store), name)
    const bytes = readFileSync(file)
    rmSync(file)
    const checks = await checksOf(store)
    assert.equal(
      checks.map(({ check, ok }) => [check, ok]),
      [['archive', false]],
    )
    assert.match(checks[0]?.message ?? '', file)
    const { message } = await rejectedBy(BackupError, backupStore(store, path.join(folder, 'backup')))
    assert.match(message, /archived events \d+ to \d+ of run\/colours cannot be read/)
    assert.equal(readdirSync(folder), ['runs'])
    writeFileSync(file, bytes)
    for (const { ok, subject } of await checksOf(store)) assert.ok(ok, subject)
  }))

test('are none while they are trained; while another run is, the journal keeps its size', () =>
  inTemporaryFolder(async store => {
    await train(colourRun({ epochs: 1 }), { store })
    await train(colourRun({ epochs: 1, name: 'other' }), { store })
    await writing(store, (journal, at) => {
      const own = new RunLock(at.runFolder('colours'), 'colours')
      thrownBy(RunLockedError, () => archiveRun(journal, at, 'colours', { before }))
      own.release()
      assert.equal(journal.archivedChunks(), [])
      const others = new RunLock(at.runFolder('other'), 'other')
      const { freed, notice } = archiveRun(journal, at, 'colours', { before })
      assert.ok(freed <= 0)
      assert.match(notice ?? '', 'another run is being trained')
      others.release()
      assert.is(archiveRun(journal, at, 'other', { before }).notice, null)
      assert.equal(archiveRun(journal, at, 'other', { before }), {
        run: 'other',
        events: 0,
        files: 0,
        bytes: 0,
        freed: 0,
        notice: null,
      })
    })
  }))
const whereMounting = canMount ? test : test.skip
whereMounting('are archived also where there is no room to write the journal anew', () =>
  onSmallDisk(16_384, async store => {
    await writing(store, journal => {
      writeTwoRuns(journal, 1_000)
      journal.append(
        'run/long',
        Array.from({ length: 10_000 }, (_, index) => stepCompleted(index + 1)),
      )
    })
    // Opened again, without the room that the write-ahead log had.
    await writing(store, (journal, at) => {
      const all = everything(journal)
      const onFile = () => {
        const { bavail, bsize } = statfsSync(store)
        writeFileSync(path.join(store, 'data'), Buffer.alloc(bavail * bsize))
      }
      const { files, notice } = archiveRun(journal, at, 'a', { before, onFile })
      assert.is(files, 1)
      assert.match(notice ?? '', /keeps its size, since writing it anew failed: .*full/)
      assert.equal(everything(journal), all)
      rmSync(path.join(store, 'data'))
      assert.is(archiveRun(journal, at, 'b', { before }).notice, null)
      assert.equal(everything(journal), all)
    })
  }),
)
test.run()
