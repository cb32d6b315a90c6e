/** For each line, a file: opens it as a journal, appends an event, closes it, and says `done`. */
import { createInterface } from 'node:readline'
import { Journal } from '../../../src/journal/journal.ts'
import { continued } from '../../support/facts.ts'

process.stdout.write('ready\n')
for await (const file of createInterface({ input: process.stdin })) {
  const journal = Journal.open(file)
  journal.append('run/a', [continued(1)])
  journal.close()
  process.stdout.write('done\n')
}
