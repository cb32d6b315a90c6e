import { paceMetrics, paceSplit } from '../../history/measured/measured-series.ts'
import type { Journal } from '../../journal/journal.ts'
import { inReadingOrder } from '../../metrics/chart-order.ts'
import { layerSplit } from '../../metrics/layer-chart.ts'
import { metricCharts, paceKinds } from '../../metrics/metric-charts.ts'
import type { SeriesKey } from '../../metrics/metrics-home.ts'
import type { Chart } from '../../reports/chart.ts'
import { JournalHome } from '../../subscribers/journal-home.ts'
import type { SeriesChart } from '../answers/series.ts'

/** Which charts show a run's series: those that `plot` draws, but for those of single layers. */
export function seriesCharts(series: readonly SeriesKey[]): SeriesChart[] {
  // The points stay where they are: each series goes by its place alone. Without durations no pace is drawn of places.
  const places = series.flatMap(({ split, metric }, place) =>
    split === paceSplit || metric === 'durationMs'
      ? []
      : [{ split, metric, steps: Float64Array.of(place), values: Float64Array.of(0) }],
  )
  const measured = metricCharts({ series: places, marks: [], plannedLearningRate: undefined })
  return inReadingOrder([...measured.map(seriesChart), ...paceCharts(series)])
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

function paceCharts(series: readonly SeriesKey[]): SeriesChart[] {
  return Object.entries(paceKinds).flatMap(([metric, { name, title, axis, noisy, ...kind }]) => {
    const place = series.findIndex(line => line.split === paceSplit && line.metric === metric)
    if (place < 0) return []
    const line = { label: 'train', series: place, colour: 0, stroke: 'solid', smooth: noisy } as const
    return [{ name, title, axis, scale: 'auto' as const, ...kind, lines: [line] }]
  })
}

/** The charts of what a run has measured until now, as the metrics subscriber knows it: without reading a point. */
export function chartsOfRun(journal: Journal, stream: string): SeriesChart[] {
  const measured = [...new JournalHome(journal, stream).summaries()].filter(({ split }) => split !== layerSplit)
  const pace = Object.keys(paceMetrics).map(metric => ({ split: paceSplit, metric }))
  return seriesCharts(measured.some(({ split }) => split === 'train') ? [...measured, ...pace] : measured)
}
