import { Hono } from 'hono'
import { readAttempts } from '../../history/attempts.ts'
import { runStream } from '../../storage/store.ts'
import type { LogAnswer, LogEntry } from '../answers/logged-events.ts'
import { logEntry } from '../log-entries.ts'
import { wholeNumber } from '../query.ts'
import type { StoreReader } from '../store-reader.ts'

const mostAtOnce = 500

/** How many events one answer looks through for a text: more are left for the next, so that no answer takes long. */
const searched = 20_000

/** A run's log, a stretch at a time. */
export function logRoute(reader: StoreReader): Hono {
  return new Hono().get('/:run/events', context => {
    const run = context.req.param('run')
    const journal = reader.journalOf(run)
    const stream = runStream(run)
    const types = context.req.queries('type') ?? []
    const text = context.req.query('text')?.toLowerCase() ?? ''
    const limit = Math.min(wholeNumber(context, 'limit') ?? mostAtOnce, mostAtOnce)
    const attempts = readAttempts(journal, stream)
    const events: LogEntry[] = []
    let next: number | null = null
    let looked = 0
    const before = wholeNumber(context, 'before')
    for (const event of journal.read({
      stream,
      after: wholeNumber(context, 'after') ?? 0,
      ...(before !== undefined && { until: before - 1, backwards: true }),
      ...(types.length > 0 && { types }),
    })) {
      if (events.length === limit || looked === searched) break
      looked++
      next = event.version
      const entry = logEntry(event, attempts)
      if (text === '' || JSON.stringify([entry.type, entry.data]).toLowerCase().includes(text)) events.push(entry)
    }
    const isEnd = next === null || (before === undefined ? next >= journal.streamVersion(stream) : next <= 1)
    return context.json<LogAnswer>({ events, next: isEnd ? null : next })
  })
}
