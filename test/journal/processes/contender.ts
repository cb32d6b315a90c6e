/**
 * Appends one event to `run/contested` for each line, at the version that the line names, and says `won` or `lost N`
 * with the actual version.
 */
import { createInterface } from 'node:readline'
import { ConcurrencyError } from '../../../src/journal/expected-version.ts'
import { Journal } from '../../../src/journal/journal.ts'
import { continued } from '../../support/facts.ts'

const [file = ''] = process.argv.slice(2)
const journal = Journal.open(file)
process.stdout.write('ready\n')
for await (const line of createInterface({ input: process.stdin })) {
  let told = 'won'
  try {
    journal.append('run/contested', [continued(2)], { expectedVersion: Number(line) })
  } catch (error) {
    if (!(error instanceof ConcurrencyError)) throw error
    told = `lost ${error.actual}`
  }
  process.stdout.write(`${told}\n`)
}
journal.close()
