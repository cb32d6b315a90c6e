import { firstValueFrom, timeout } from 'rxjs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { releasedRuns } from '../../src/dashboard/released-runs.ts'
import { StoreReader } from '../../src/dashboard/store-reader.ts'
import { Journal } from '../../src/journal/journal.ts'
import { RunLock } from '../../src/storage/run-lock.ts'
import { runStream, Store } from '../../src/storage/store.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { runCreated } from '../support/training-facts.ts'
import { writeTwoAttempts } from '../support/two-attempts.ts'

const test = suite('dashboard: runs that a process lets go of')

/** Looks at a store in which a process trains the run `held`. */
function looking(work: (released: Promise<string>, folder: string, lock: RunLock) => Promise<void>): Promise<void> {
  return inTemporaryFolder(async folder => {
    writeTwoAttempts(folder)
    create(folder, 'held')
    const lock = new RunLock(new Store(folder).runFolder('held'), 'held')
    const reader = new StoreReader(folder)
    try {
      await work(firstValueFrom(releasedRuns(reader).pipe(timeout(20_000))), folder, lock)
    } finally {
      reader.close()
      lock.release()
    }
  })
}

function create(folder: string, run: string): void {
  const journal = Journal.open(new Store(folder).journalPath)
  journal.append(runStream(run), [runCreated(run)])
  journal.close()
}

test('are told when their lock is gone', () =>
  looking(async (released, _, lock) => {
    // After the first look, which comes at once.
    setTimeout(() => lock.release(), 300)
    assert.is(await released, 'held')
  }))

test('are told also when they were taken and let go of between two looks', () =>
  looking(async (released, folder) => {
    setTimeout(() => create(folder, 'short-lived'), 300)
    assert.is(await released, 'short-lived')
  }))

test.run()
