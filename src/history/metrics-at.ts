import type { TrainingEvent, TrainingEventType } from '../events/training-events.ts'
import type { Journal } from '../journal/journal.ts'
import { type Better, betterSide } from '../metrics/metric-words.ts'
import type { SeriesKey, SeriesSummary } from '../metrics/metrics-home.ts'
import { observationOf } from '../metrics/observation.ts'
import { SplitSummary } from '../metrics/split-summary.ts'
import { JournalHome, seriesOf } from '../subscribers/journal-home.ts'
import type { SplitStanding } from '../subscribers/metric-blocks.ts'
import { metricsSubscriber } from '../subscribers/metrics.ts'
import { readCourse } from './course.ts'
import { projectedAt } from './projected-at.ts'

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
 * best value and its mean. The metrics subscriber has this at hand; only what a later attempt superseded is read from the
 * log.
 *
 * @param known which way a metric improves, where its name does not say so
 */
export function metricsAt(
  journal: Journal,
  stream: string,
  version: number,
  known: Readonly<Record<string, Better>> = {},
): MetricStanding[] {
  return summariesAt(journal, stream, version).map(series =>
    standing(series, known[series.metric] ?? betterSide(series.metric)),
  )
}

/** Every series with what it came to, in the order of their first values. */
export function summariesAt(journal: Journal, stream: string, version: number): SeriesSummary[] {
  const splits = new Map<string, SplitSummary>()
  let after = 0
  for (const [split, standing] of standingsAt(journal, stream, version)) {
    splits.set(split, standing.summary)
    after = Math.max(after, standing.version)
  }
  for (const event of readCourse(journal, stream, { after, until: version, types: measuring })) {
    const observation = observationOf(event as TrainingEvent)
    if (observation === undefined) continue
    const summary = splits.get(observation.split) ?? new SplitSummary()
    splits.set(observation.split, summary)
    summary.take(observation)
  }
  return [...splits].flatMap(([split, summary]) => seriesOf(split, summary))
}

/** What the metrics subscriber knows of a moment. */
function standingsAt(journal: Journal, stream: string, version: number): ReadonlyMap<string, SplitStanding> {
  const bounds = projectedAt(journal, stream, version, metricsSubscriber)
  return bounds === undefined ? new Map() : new JournalHome(journal, stream).standings(bounds)
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
