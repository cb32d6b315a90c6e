/** What our journal costs a step, and what it keeps of a process that is killed: the rounds of `log`. */
import path from 'node:path'
import { Journal } from '../../src/journal/journal.ts'
import { runStream } from '../../src/storage/store.ts'
import { microsecondsEach, now } from '../framework/clocks.ts'
import { serveRounds } from '../framework/serve-rounds.ts'
import { costOf } from './cost-of.ts'
import { inFolder, runUntilKilled } from './killed-run.ts'
import { stepFact } from './step-fact.ts'

const stream = runStream('log')

await serveRounds({
  cost: ({ steps }) =>
    inFolder(async folder => {
      const journal = Journal.open(path.join(folder, 'journal.sqlite'))
      try {
        const started = now()
        for (let step = 1; step <= Number(steps); step++) {
          journal.append(stream, [stepFact(step)], { expectedVersion: step - 1 })
        }
        return costOf(microsecondsEach(started, now(), Number(steps)))
      } finally {
        journal.close()
      }
    }),

  kept: ({ steps }) =>
    inFolder(async folder => {
      const file = path.join(folder, 'journal.sqlite')
      await runUntilKilled('log/append-and-die.ts', file, stream, String(steps))
      const journal = Journal.open(file, { readOnly: true })
      try {
        let kept = 0
        for (const { data } of journal.read({ stream })) {
          kept++
          if ((data as { step: number }).step !== kept) throw new Error(`Step ${kept} is missing from the journal.`)
        }
        return { 'kept of 2,000': kept }
      } finally {
        journal.close()
      }
    }),
})
