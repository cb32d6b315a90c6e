/** Writes 300 transactions of some milliseconds, one right after the other, and says when it begins and ends. */
import { Journal } from '../../../src/journal/journal.ts'
import { manyContinued } from '../../support/facts.ts'

const [file = ''] = process.argv.slice(2)
const journal = Journal.open(file)
process.stdout.write('begun\n')
for (let transaction = 0; transaction < 300; transaction++) {
  journal.transaction(() => {
    for (let append = 0; append < 10; append++) journal.append('run/hog', manyContinued(20))
  })
  await new Promise(setImmediate)
}
journal.close()
process.stdout.write('done\n')
