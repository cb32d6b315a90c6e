import { Journal } from '../../src/journal/journal.ts'
import { SubscriberRunner } from '../../src/subscribers/subscriber-runner.ts'
import { givenToChild } from './child.ts'
import { tally } from './tally.ts'

/** Tallies a stream, and dies while it handles the event of a version. */
const { file, stream, dieAt } = givenToChild<{ file: string; stream: string; dieAt: number }>()
const journal = Journal.open(file)
const before = ({ version }: { version: number }) => {
  if (version === dieAt) process.kill(process.pid, 'SIGKILL')
}
const runner = new SubscriberRunner(journal, tally({ before }), { stream, batchSize: 10 })
await runner.settle()
runner.stop()
journal.close()
