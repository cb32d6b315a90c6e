/**
 * Appends batches of 1 to 7 events to `stream` until `batches` are written, each expected at the version that it read
 * before, and says the version that each append ended at as soon as it is made. At last it says how often another
 * writer was first. Each event holds its batch's number and its place from the batch's end.
 */
import { writeSync } from 'node:fs'
import { ConcurrencyError } from '../../../src/journal/expected-version.ts'
import { Journal } from '../../../src/journal/journal.ts'
import { paused } from '../../support/facts.ts'

const [file = '', stream = '', batches = ''] = process.argv.slice(2)
const stdout = 1
const journal = Journal.open(file)
let collisions = 0
for (let batch = 0; batch < Number(batches); ) {
  const expectedVersion = journal.streamVersion(stream)
  const size = 1 + (batch % 7)
  const facts = Array.from({ length: size }, (_, index) => paused(size - 1 - index, `${process.pid}:${batch}`))
  try {
    journal.append(stream, facts, { expectedVersion })
    batch += 1
    writeSync(stdout, `${expectedVersion + size}\n`)
  } catch (error) {
    if (!(error instanceof ConcurrencyError)) throw error
    collisions += 1
  }
}
journal.close()
writeSync(stdout, `collisions ${collisions}\n`)
