/** The rounds of `journal` for our own: checked, versioned, chained appends, and everything that reads them. */
import path from 'node:path'
import { trainerMachine } from '../../machines/trainer.ts'
import { Journal } from '../../src/journal/journal.ts'
import { metricsSubscriber } from '../../src/subscribers/metrics.ts'
import { replay } from '../../src/subscribers/replay.ts'
import type { Subscriber } from '../../src/subscribers/subscriber.ts'
import { SubscriberRunner } from '../../src/subscribers/subscriber-runner.ts'
import { writeLongRun } from '../../test/support/long-run.ts'
import type { Values } from '../framework/definition.ts'
import { serveRounds } from '../framework/serve-rounds.ts'
import { inFolder } from '../log/killed-run.ts'
import { stepFact } from '../log/step-fact.ts'
import { madeUpRun } from './made-up-run.ts'
import { assertCount, batchFrom, batchSize, costOf } from './workload.ts'

const stream = 'run/bench'
const beside = 'run/beside'

const inJournal = (work: (journal: Journal) => Promise<Values>) =>
  inFolder(async folder => {
    const journal = Journal.open(path.join(folder, 'journal.sqlite'))
    try {
      return await work(journal)
    } finally {
      journal.close()
    }
  })

/** Somebody who sums up what the steps have lost, in a table of its own. */
const late: Subscriber = {
  name: 'late',
  revision: 1,
  tables: { late: 'steps INTEGER NOT NULL, PRIMARY KEY (stream)' },
  handle({ stream }, { statement }) {
    statement('INSERT INTO late VALUES (?, 1) ON CONFLICT DO UPDATE SET steps = steps + 1').run(stream)
  },
}

/** The long log lasts over all rounds: it takes longer to be made than to be gone over. */
let long: { readonly journal: Journal; readonly events: number } | undefined

await inFolder(async folder => {
  await serveRounds({
    store: ({ events }) =>
      inJournal(async journal => {
        const count = Number(events)
        const one = await costOf('append one', count, () => {
          for (let step = 1; step <= count; step++) {
            journal.append(stream, [stepFact(step)], { expectedVersion: step - 1 })
          }
        })
        const many = await costOf('append 500 at once', count, () => {
          for (let step = 1; step <= count; step += batchSize) {
            journal.append(beside, batchFrom(step), { expectedVersion: step - 1 })
          }
        })
        let found = 0
        const read = await costOf('read', count, () => {
          for (const _ of journal.read({ stream: beside })) found++
        })
        assertCount(found, count)
        return { ...one, ...many, ...read }
      }),

    replay: ({ events }) =>
      inJournal(async journal => {
        const count = Number(events)
        const facts = madeUpRun(count)
        for (let at = 0; at < count; at += batchSize) journal.append(stream, facts.slice(at, at + batchSize))
        const fold = () => journal.fold(stream, trainerMachine, { snapshots: false })
        const all = await costOf('fold the whole log', count, () => assertCount(fold().version, count))
        // A first fold keeps the states that a trainer would have kept.
        journal.fold(stream, trainerMachine)
        const until = Math.floor(count * 0.8) + 7
        const one = await costOf('state at a version', 1, () => journal.fold(stream, trainerMachine, { until }))
        return { ...all, ...one }
      }),

    catchUp: ({ events }) =>
      inJournal(async journal => {
        const count = Number(events)
        for (let step = 1; step <= count; step += batchSize) journal.append(stream, batchFrom(step))
        const runner = new SubscriberRunner(journal, late, { stream })
        const each = await costOf('late subscriber', count, () => runner.settle())
        assertCount(runner.actor.getSnapshot().context.handled, count)
        runner.stop()
        return each
      }),

    rebuild: async ({ events }) => {
      const count = Number(events)
      if (long?.events !== count) {
        long?.journal.close()
        const journal = Journal.open(path.join(folder, `${count}.sqlite`))
        writeLongRun(journal, stream, count)
        long = { journal, events: count }
      }
      const { journal } = long
      const began = performance.now()
      const [result] = await replay(journal, stream, { subscribers: [metricsSubscriber] })
      const seconds = (performance.now() - began) / 1_000
      return { 'rebuild the metrics': (result?.events ?? 0) / seconds }
    },
  })
  long?.journal.close()
})
