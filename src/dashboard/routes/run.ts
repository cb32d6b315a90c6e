import { Hono } from 'hono'
import { trainerMachine } from '../../../machines/trainer.ts'
import type { TrainingEvent } from '../../events/training-events.ts'
import { readAttempts } from '../../history/attempts.ts'
import { runAt } from '../../history/run-at.ts'
import { isRunLocked } from '../../storage/run-lock.ts'
import { runStream } from '../../storage/store.ts'
import { cursorsOf } from '../../subscribers/cursor-store.ts'
import type { MomentAnswer, RunAnswer } from '../answers/run.ts'
import type { Commander } from '../commands/commander.ts'
import { logEntry } from '../log-entries.ts'
import { wholeNumber } from '../query.ts'
import { chartsOfRun } from '../series/series-charts.ts'
import type { StoreReader } from '../store-reader.ts'

/** A page lists so many diagnoses at most: it asks for them with every moment. */
const mostDiagnoses = 50

/** One run: what it is, and how it stood at any moment. */
export function runRoute(reader: StoreReader, commander: Commander | undefined): Hono {
  return new Hono()
    .get('/:run', context => {
      const run = context.req.param('run')
      const journal = reader.journalOf(run)
      const stream = runStream(run)
      const [created] = journal.readPage({ stream }, 1) as TrainingEvent<'run.created'>[]
      if (created === undefined) return context.notFound()
      return context.json<RunAnswer>({
        run,
        created: created.data,
        createdAt: created.at,
        attempts: readAttempts(journal, stream),
        version: journal.streamVersion(stream),
        trained: isRunLocked(reader.store.runFolder(run)),
        commandable: commander?.run === run,
        hasLayers: journal.readPage({ stream, types: ['gradients.observed'] }, 1).length > 0,
        charts: chartsOfRun(journal, stream).map(({ name, title, axis }) => ({ name, title, axis })),
      })
    })
    .get('/:run/moment', context => {
      const run = context.req.param('run')
      const journal = reader.journalOf(run)
      const stream = runStream(run)
      const version = wholeNumber(context, 'version') ?? journal.streamVersion(stream)
      const standing = runAt(journal, run, { version })
      const [event] = journal.readPage({ stream, after: version - 1 }, 1)
      if (event === undefined) return context.notFound()
      return context.json<MomentAnswer>({
        ...standing,
        diagnoses: standing.diagnoses.slice(-mostDiagnoses),
        diagnosesBefore: Math.max(0, standing.diagnoses.length - mostDiagnoses),
        event: logEntry(event, readAttempts(journal, stream)),
        stateBefore:
          version === 1 ? standing.state : journal.fold(stream, trainerMachine, { until: version - 1 }).snapshot.value,
        subscribers: journal
          .query(database => cursorsOf(database, stream))
          .map(({ subscriber, status, cursor, failed_at, error }) => ({
            subscriber,
            status,
            cursor,
            failedAt: failed_at,
            error,
          })),
      })
    })
}
