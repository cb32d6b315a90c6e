import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isRunLocked, RunFolderError, RunLock, RunLockedError } from '../../src/storage/run-lock.ts'
import { startChild } from '../support/child.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { thrownBy } from '../support/thrown.ts'

const test = suite('RunLock')

test('is held by one, and free again when it is released', async () => {
  await inTemporaryFolder(folder => {
    assert.not(isRunLocked(folder))
    const lock = new RunLock(folder, 'pets')
    assert.ok(isRunLocked(folder))
    assert.match(thrownBy(RunLockedError, () => new RunLock(folder, 'pets')).message, 'pets')
    lock.release()
    assert.not(isRunLocked(folder))
    new RunLock(folder, 'pets').release()
  })
})

test('says so where the folder cannot be made', async () => {
  await inTemporaryFolder(folder => {
    const file = join(folder, 'file')
    writeFileSync(file, '')
    assert.match(
      thrownBy(RunFolderError, () => new RunLock(join(file, 'pets'), 'pets')).message,
      'cannot be written to',
    )
  })
})

test('locks each run by itself', async () => {
  await inTemporaryFolder(folder => {
    const one = new RunLock(join(folder, 'one'), 'one')
    const other = new RunLock(join(folder, 'other'), 'other')
    one.release()
    assert.not(isRunLocked(join(folder, 'one')))
    assert.ok(isRunLocked(join(folder, 'other')))
    other.release()
  })
})

test('ends with its process, however that ends', async () => {
  await inTemporaryFolder(async folder => {
    const child = startChild('lock-child.ts', { folder })
    assert.is((await child.lines.next()).value, 'locked')
    assert.ok(isRunLocked(folder))
    thrownBy(RunLockedError, () => new RunLock(folder, 'held'))
    await child.kill()
    assert.not(isRunLocked(folder))
    new RunLock(folder, 'held').release()
  })
})

test.run()
