import { type Context, Hono } from 'hono'
import { runStream } from '../../storage/store.ts'
import type { SeriesNews } from '../answers/series.ts'
import { wholeNumber } from '../query.ts'
import { KeptCourses } from '../series/kept-course.ts'
import { seriesAnswer } from '../series/series-answer.ts'
import type { StoreReader } from '../store-reader.ts'

/** Buckets unless another number is asked for, and at most. */
const [usualBuckets, mostBuckets] = [500, 5_000]

/** What a run measured, as much of it as a picture can show. */
export function seriesRoute(reader: StoreReader): Hono {
  const courses = new KeptCourses()
  return new Hono().get('/:run/series', async context => {
    const run = context.req.param('run')
    const journal = reader.journalOf(run)
    const stream = runStream(run)
    const question = questionIn(context)
    const kept = courses.of(journal, stream)
    return context.json<SeriesNews>(await kept.upToDate(() => seriesAnswer(journal, stream, kept, question)))
  })
}

/** @throws DashboardError when something is no whole number */
function questionIn(context: Context) {
  const [since, width] = [wholeNumber(context, 'since'), wholeNumber(context, 'width')]
  return {
    until: wholeNumber(context, 'until'),
    from: wholeNumber(context, 'from'),
    to: wholeNumber(context, 'to'),
    buckets: Math.min(mostBuckets, Math.max(1, wholeNumber(context, 'points') ?? usualBuckets)),
    known: since === undefined || width === undefined ? undefined : { version: since, width },
  }
}
