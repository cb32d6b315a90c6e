import { RunLock } from '../../src/storage/run-lock.ts'
import { givenToChild } from './child.ts'

/** Locks a run and holds it until the process is ended. */
const { folder } = givenToChild<{ folder: string }>()
new RunLock(folder, 'held')
process.stdout.write('locked\n')
setInterval(() => {}, 1_000)
