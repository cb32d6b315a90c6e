/**
 * A trainer in a process of its own: resumes the made-up run and appends a step every millisecond, until it is killed.
 * Every second it prints how many steps it has appended and what their appends took, as a line of JSON.
 */
import { setTimeout } from 'node:timers/promises'
import { Journal } from '../../src/journal/journal.ts'
import { appendLongRun } from '../../test/support/long-run.ts'

const [file = '', stream = ''] = process.argv.slice(2)
const journal = Journal.open(file)
let took: number[] = []
let told = performance.now()
for (const batch of appendLongRun(journal, stream, { batchSize: 1 })) {
  took.push(batch.took)
  if (performance.now() - told >= 1_000) {
    told = performance.now()
    console.log(JSON.stringify(took))
    took = []
  }
  await setTimeout(1)
}
