/** Archives all of a stream that can be, after it said `archiving`, and says how far it has come after each file. */
import { writeSync } from 'node:fs'
import { Journal } from '../../../src/journal/journal.ts'

const [file = '', stream = '', folder = ''] = process.argv.slice(2)
const stdout = 1
const journal = Journal.open(file)
writeSync(stdout, 'archiving\n')
for (const { lastVersion } of journal.archive(stream, { before: Number.MAX_SAFE_INTEGER, folder })) {
  writeSync(stdout, `${lastVersion}\n`)
}
journal.close()
writeSync(stdout, 'done\n')
