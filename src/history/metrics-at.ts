import type { TrainingEvent, TrainingEventType } from '../events/training-events.ts'
import type { Journal } from '../journal/journal.ts'
import { type Better, betterSide } from '../metrics/metric-words.ts'
import type { SeriesKey, SeriesSummary } from '../metrics/metrics-home.ts'
import { observationOf } from '../metrics/observation.ts'
import { SplitSummary } from '../metrics/split-summary.ts'
import { cursorsOf } from '../subscribers/cursor-store.ts'
import { JournalHome } from '../subscribers/journal-home.ts'
import { metricsSubscriber } from '../subscribers/metrics.ts'
import { readCourse } from './course.ts'

/** What a metric had come to. Values that are not finite count in `count` and `latest` only. */
export interface MetricStanding extends SeriesKey {
  readonly count: number
  readonly latest: number
  readonly latestStep: number
  /** The lowest or the highest, whichever is better; null where neither is, or no value was finite. */
  readonly best: number | null
  readonly bestStep: number | null
  readonly mean: number
}

/** The facts in which something is measured. */
const measuring = [
  'step.completed',
  'step.skipped',
  'gradients.observed',
  'evaluation.completed',
] as const satisfies readonly TrainingEventType[]

/**
 * What every metric of a run had come to after a version, of the steps that made up the run's course then: its latest and
 * best value and its mean. Of the present the metrics subscriber has it at hand; for a moment of the past the log is read
 * from its beginning.
 *
 * @param known which way a metric improves, where its name does not say so
 */
export function metricsAt(
  journal: Journal,
  stream: string,
  version: number,
  known: Readonly<Record<string, Better>> = {},
): MetricStanding[] {
  const summaries = isAtHand(journal, stream, version)
    ? new JournalHome(journal, stream).summaries()
    : summariesAt(journal, stream, version)
  return summaries.map(series => standing(series, known[series.metric] ?? betterSide(series.metric)))
}

/** Whether the metrics subscriber has come exactly so far. */
function isAtHand(journal: Journal, stream: string, version: number): boolean {
  const { name, revision } = metricsSubscriber
  const cursors = journal.query(database => cursorsOf(database, stream))
  return cursors.some(row => row.subscriber === name && row.revision === revision && row.cursor === version)
}

/** Every series with what it came to, in the order of their first values. */
export function summariesAt(journal: Journal, stream: string, version: number): SeriesSummary[] {
  const splits = new Map<string, SplitSummary>()
  for (const event of readCourse(journal, stream, { until: version, types: measuring })) {
    const observation = observationOf(event as TrainingEvent)
    if (observation === undefined) continue
    let summary = splits.get(observation.split)
    if (summary === undefined) {
      summary = new SplitSummary()
      splits.set(observation.split, summary)
    }
    summary.take(observation)
  }
  return [...splits].flatMap(([split, { series }]) =>
    [...series].map(([metric, summary]) => ({ split, metric, summary })),
  )
}

function standing({ split, metric, summary }: SeriesSummary, side: Better | undefined): MetricStanding {
  const { count, finite, latest, latestStep, minimum, minimumStep, maximum, maximumStep, average } = summary
  const [best, bestStep] =
    finite === 0 || side === undefined
      ? [null, null]
      : side === 'lower'
        ? [minimum, minimumStep]
        : [maximum, maximumStep]
  return { split, metric, count, latest, latestStep, best, bestStep, mean: average }
}
