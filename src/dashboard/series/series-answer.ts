import { lastStepAt } from '../../history/last-step.ts'
import { bucketWidth } from '../../history/measured/buckets.ts'
import { MeasuredSeries } from '../../history/measured/measured-series.ts'
import { readMeasured } from '../../history/measured/read-measured.ts'
import type { Journal } from '../../journal/journal.ts'
import type { SeriesAnswer, SeriesMark, SeriesNews } from '../answers/series.ts'
import { type KeptCourse, keptWidth } from './kept-course.ts'
import { plannedRates } from './planned-rates.ts'
import { seriesCharts } from './series-charts.ts'

/** What of a run's series is wanted. */
export interface SeriesQuestion {
  /** The version after which the run's course is meant. */
  readonly until: number | undefined
  /** The first and the last step; all there are unless given. */
  readonly from: number | undefined
  readonly to: number | undefined
  /** How many buckets there may be at most. */
  readonly buckets: number
  /** What is known already: an answer to the same question at an earlier version. */
  readonly known: { readonly version: number; readonly width: number } | undefined
}

/** Answers from what is kept of a run that is up to date, and from the log what that is too coarse for. */
export function seriesAnswer(journal: Journal, stream: string, kept: KeptCourse, question: SeriesQuestion): SeriesNews {
  const until = Math.min(question.until ?? kept.version, kept.version)
  const attempts = kept.attempts.filter(({ version }) => version <= until)
  const lastStep = lastStepAt(journal, stream, until, attempts)
  const from = question.from ?? 0
  const to = Math.max(from, question.to ?? lastStep)
  const width = bucketWidth(to - from + 1, question.buckets)
  const { known } = question
  // What came after is enough where it is of the same course, in buckets of the same width.
  const isGoingOn = known !== undefined && known.version <= until && known.width === width
  const since = isGoingOn && !attempts.some(({ version }) => version > known.version) ? known.version : null
  const news = since === null ? from : Math.max(from, beginningOf(kept.completeUntil(since).step + 1, width))
  const told = Math.min(news, to + 1)

  const isCoarse = width >= keptWidth
  const complete = isCoarse ? kept.completeUntil(until) : kept.completeUntil(until, beginningOf(told, keptWidth) - 1)
  const measured = new MeasuredSeries(width)
  // Where buckets are too coarse only the names are taken.
  measured.takeAll(kept.series, told, isCoarse ? Math.min(to, complete.step) : -1)
  const rest = { until, after: complete.version, from: Math.max(told, isCoarse ? complete.step + 1 : 0), to }
  for (const _ of readMeasured(journal, stream, rest, {
    rows: (split, block, first, last) => measured.takeRows(split, block, first, last),
    observation: observation => measured.take(observation),
  }));

  const evaluations = measured
    .evaluations()
    .flatMap(({ split, steps }) =>
      steps.map((step): SeriesMark => ({ kind: 'evaluation', step, label: `evaluated on ${split}` })),
    )
  const planned = plannedRates(journal, stream, kept, {
    ...{ until, attempts, after: lastStep, from, to: question.to, buckets: question.buckets },
  })
  return {
    ...{ version: until, since, told, width, from, to, lastStep },
    ...chartedSeries(measured),
    marks: [...evaluations, ...kept.marks.within(until, attempts, { from: told, to, width })].sort(
      (one, other) => one.step - other.step,
    ),
    stepsPerEpoch: attempts.at(-1)?.plan.stepsPerEpoch ?? null,
    // Of one course it stays the same, but for the steps that were done meanwhile.
    ...(since === null || planned === null ? { planned } : {}),
  }
}

/** The charts with the series that they show, and of those the means that are read by their trend. */
function chartedSeries(measured: MeasuredSeries): Pick<SeriesAnswer, 'charts' | 'series'> {
  const keys = measured.keys()
  const charts = seriesCharts(keys)
  const lines = charts.flatMap(chart => chart.lines)
  const shown = keys.map((_, place) => place).filter(place => lines.some(({ series }) => series === place))
  return {
    charts: charts.map(chart => ({
      ...chart,
      lines: chart.lines.map(line => ({ ...line, series: shown.indexOf(line.series) })),
    })),
    series: keys
      .filter((_, place) => shown.includes(place))
      .map((key, index) => {
        const { steps, values, means } = measured.thinned(key)
        const isSmooth = lines.some(({ series, smooth }) => series === shown[index] && smooth)
        return { ...key, steps, values, means: isSmooth ? means : null }
      }),
  }
}

function beginningOf(step: number, width: number): number {
  return Math.floor(step / width) * width
}
