import { Hono } from 'hono'
import { trainerMachine } from '../../../machines/trainer.ts'
import { runStream } from '../../storage/store.ts'
import type { SeriesAnswer } from '../answers.ts'
import { wholeNumber } from '../query.ts'
import { readMarks } from '../series/read-marks.ts'
import { readSeries } from '../series/read-series.ts'
import { seriesCharts } from '../series/series-charts.ts'
import type { StoreReader } from '../store-reader.ts'

/** Buckets unless another number is asked for, and at most. */
const [usualBuckets, mostBuckets] = [500, 5_000]

/** What a run measured, as much of it as a picture can show. */
export function seriesRoute(reader: StoreReader): Hono {
  return new Hono().get('/:run/series', context => {
    const run = context.req.param('run')
    const journal = reader.journalOf(run)
    const stream = runStream(run)
    const until = Math.min(wholeNumber(context, 'until') ?? Number.MAX_SAFE_INTEGER, journal.streamVersion(stream))
    const { plan, progress } = journal.fold(stream, trainerMachine, { until }).snapshot.context
    const lastStep = progress.step
    const from = wholeNumber(context, 'from') ?? 0
    const to = Math.max(from, wholeNumber(context, 'to') ?? lastStep)
    const buckets = Math.min(mostBuckets, Math.max(1, wholeNumber(context, 'points') ?? usualBuckets))
    const range = { until, from, to, buckets }
    const series = readSeries(journal, stream, range)
    return context.json<SeriesAnswer>({
      ...{ version: until, from, to, lastStep, series },
      charts: seriesCharts(series),
      marks: readMarks(journal, stream, range),
      stepsPerEpoch: plan?.stepsPerEpoch ?? null,
    })
  })
}
