/** Appends steps to a journal and kills its own process right after the last: append-and-die.ts FILE STREAM STEPS */
import { Journal } from '../../src/journal/journal.ts'
import { stepFact } from './step-fact.ts'

const [file = '', stream = '', steps] = process.argv.slice(2)
const journal = Journal.open(file)
for (let step = 1; step <= Number(steps); step++)
  journal.append(stream, [stepFact(step)], { expectedVersion: step - 1 })
process.kill(process.pid, 'SIGKILL')
