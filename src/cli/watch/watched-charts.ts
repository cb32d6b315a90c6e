import type { Plan } from '../../../machines/trainer-context.ts'
import { paceMetrics, paceSplit } from '../../history/measured/measured-series.ts'
import { layerSplit } from '../../metrics/layer-chart.ts'
import { type Better, betterSide, spellOut } from '../../metrics/metric-words.ts'
import type { SeriesKey } from '../../metrics/metrics-home.ts'
import type { RunningSummary } from '../../metrics/running-summary.ts'
import { formatNumber, plainText } from '../format.ts'
import type { DrawnPoints } from './sparkline.ts'
import type { WatchedCourse } from './watched-course.ts'

/** A series with its words. */
export interface WatchedChart {
  readonly label: string
  readonly points: DrawnPoints
  readonly latest: string
  /** Its best value and where that was; empty where neither side is better. */
  readonly best: string
}

/**
 * The charts of what was measured until now, the most telling ones first.
 *
 * @param examplesPerSecond how quick it is now
 */
export function watchedCharts(course: WatchedCourse, plan: Plan, examplesPerSecond: number): WatchedChart[] {
  const measured = course.keys()
  const chosen = { name: plan.metric.name, better: plan.metric.better }
  const charts = chartedSeries(measured, chosen.name).flatMap(({ label, ...key }) => {
    const summary = course.summary(key)
    if (summary === undefined) return []
    const better = key.metric === chosen.name ? chosen.better : betterSide(key.metric)
    const [latest, best] = [formatNumber(summary.latest), bestOf(summary, better)]
    return [{ label: plainText(label), points: course.points(key), latest, best }]
  })
  if (!measured.some(({ split }) => split === 'train')) return charts
  const pace = course.points({ split: paceSplit, metric: paceMetrics.throughput })
  const rate = Number.isFinite(examplesPerSecond) ? `${formatNumber(Math.round(examplesPerSecond))}/s` : ''
  return [...charts, { label: 'throughput', points: pace, latest: rate, best: '' }]
}

function chartedSeries(measured: readonly SeriesKey[], chosen: string): (SeriesKey & { readonly label: string })[] {
  const has = (split: string, metric: string) =>
    measured.some(series => series.split === split && series.metric === metric)
  const ofTraining = (metric: string) => ({ split: 'train', metric, label: spellOut(metric) })
  const evaluated = [...new Set(measured.map(({ split }) => split))].filter(
    split => split !== 'train' && split !== layerSplit,
  )
  const wanted = [...new Set(['loss', chosen, 'textToImageRecallAt1', 'imageToTextRecallAt1'])]
  const ofEvaluation = evaluated.flatMap(split =>
    wanted.map(metric => {
      const isPlain = evaluated.length === 1 && metric !== 'loss'
      return { split, metric, label: isPlain ? evaluatedLabel(metric) : `${split} ${evaluatedLabel(metric)}` }
    }),
  )
  return [
    ofTraining('loss'),
    ...ofEvaluation.filter(({ split, metric }) => has(split, metric)),
    ...['learningRate', 'logitScale', 'gradientNorm'].map(ofTraining),
  ]
}

/** As short as a terminal wants it: `text→image R@1`. */
function evaluatedLabel(metric: string): string {
  return spellOut(metric).replace(' → ', '→').replace('recall@', 'R@')
}

function bestOf(summary: RunningSummary, better: Better | undefined): string {
  if (better === undefined || summary.finite === 0) return ''
  const { minimum, minimumStep, maximum, maximumStep } = summary
  const [best, step] = better === 'lower' ? [minimum, minimumStep] : [maximum, maximumStep]
  return `${formatNumber(best)} at ${formatNumber(step)}`
}
