import { metricCharts, paceKinds } from '../../metrics/metric-charts.ts'
import type { Chart } from '../../reports/chart.ts'
import type { SeriesChart, SeriesLine } from '../answers.ts'
import { paceSplit } from './read-series.ts'

/** Which charts show a run's series: those that `plot` draws, but for those of single layers. */
export function seriesCharts(series: readonly SeriesLine[]): SeriesChart[] {
  // The points stay where they are: each series goes by its place alone. Without durations no pace is drawn of places.
  const places = series.flatMap(({ split, metric }, place) =>
    split === paceSplit || metric === 'durationMs'
      ? []
      : [{ split, metric, steps: Float64Array.of(place), values: Float64Array.of(0) }],
  )
  const measured = metricCharts({ series: places, marks: [], plannedLearningRate: undefined })
  return [...measured.map(seriesChart), ...paceCharts(series)]
}

function seriesChart({ name, title, axis, scale = 'auto', lines }: Chart): SeriesChart {
  return {
    name,
    title,
    axis,
    scale,
    lines: lines.map(({ label, steps, colour = 0, stroke = 'solid', smooth = false }) => ({
      label,
      series: steps[0] ?? 0,
      colour,
      stroke,
      smooth,
    })),
  }
}

function paceCharts(series: readonly SeriesLine[]): SeriesChart[] {
  return Object.entries(paceKinds).flatMap(([metric, { name, title, axis, noisy, ...kind }]) => {
    const place = series.findIndex(line => line.split === paceSplit && line.metric === metric)
    if (place < 0) return []
    const line = { label: 'train', series: place, colour: 0, stroke: 'solid', smooth: noisy } as const
    return [{ name, title, axis, scale: 'auto' as const, ...kind, lines: [line] }]
  })
}
