import type { EChartsCoreOption } from 'echarts/core'
import type { PlannedRates, SeriesAnswer, SeriesChart, SeriesLine, SeriesMark } from '../../answers/series.ts'
import { formatValue } from '../parts/format.ts'
import { axisNumber, axisStyle } from './axis-style.ts'
import { smoothed } from './smoothed.ts'
import type { Colours } from './use-colours.ts'

type Points = [step: number, value: number | null][]

/** Largest value over the median from which on a logarithmic axis shows more. */
const largestOverMedian = 50

/** What is planned beyond what a chart shows, where something is. */
export function plannedIn(chart: SeriesChart, { planned }: SeriesAnswer): PlannedRates | null {
  return chart.name === 'learning-rate' ? (planned ?? null) : null
}

/** What ECharts draws one chart of a run from. No text of a run becomes HTML: also what is pointed at is drawn. */
export function chartOption(
  chart: SeriesChart,
  answer: SeriesAnswer,
  { isSmooth, colours }: { isSmooth: boolean; colours: Colours },
): EChartsCoreOption {
  const isLogarithmic = needsLogarithm(chart, answer)
  const axis = axisStyle(colours)
  const lines = chart.lines.flatMap(line => {
    const series = answer.series[line.series]
    return series === undefined ? [] : [{ ...line, series, color: colours.series[line.colour % 8] ?? colours.ink }]
  })
  const planned = plannedIn(chart, answer)
  return {
    animation: false,
    textStyle: { color: colours.ink, fontFamily: 'system-ui, sans-serif' },
    grid: { left: 8, right: 14, top: 34, bottom: 4, outerBounds: { left: 4, right: 14, top: 30, bottom: 2 } },
    legend: {
      type: 'scroll',
      top: 0,
      left: 0,
      itemWidth: 18,
      textStyle: { color: colours.ink, fontSize: 11 },
      pageTextStyle: { color: colours.quiet },
      pageIconColor: colours.ink,
      icon: 'rect',
      itemHeight: 3,
    },
    tooltip: {
      trigger: 'axis',
      renderMode: 'richText',
      confine: true,
      backgroundColor: colours.surface,
      borderColor: colours.line,
      textStyle: { color: colours.ink, fontSize: 12 },
      valueFormatter: (value: unknown) => (typeof value === 'number' ? formatValue(value) : '–'),
    },
    xAxis: {
      ...{ ...axis, type: 'value', min: answer.from, minInterval: 1 },
      max: Math.max(answer.from + 1, answer.to, planned?.steps.at(-1) ?? 0),
      axisPointer: { label: { formatter: ({ value }: { value: unknown }) => `step ${Math.round(Number(value))}` } },
    },
    yAxis: {
      ...axis,
      type: isLogarithmic ? 'log' : 'value',
      scale: true,
      axisLabel: { ...axis.axisLabel, formatter: axisNumber },
    },
    series: [
      ...lines.flatMap(({ series, label, stroke, smooth, color }): object[] => {
        const line = { type: 'line', name: label, symbolSize: 5, itemStyle: { color }, emphasis: { disabled: true } }
        const measured = pointsOf(series, isLogarithmic)
        const symbol = { showSymbol: measured.length <= 40 }
        const trend = isSmooth && smooth ? smoothed(series) : null
        if (trend === null)
          return [{ ...line, ...symbol, data: measured, lineStyle: { color, type: stroke, width: 1.8 } }]
        return [
          { ...line, showSymbol: false, data: trend, lineStyle: { color, type: stroke, width: 2 }, z: 3 },
          {
            ...{ ...line, showSymbol: false, data: measured, silent: true, tooltip: { show: false } },
            lineStyle: { color, width: 1, opacity: 0.25 },
          },
        ]
      }),
      ...(planned === null ? [] : [plannedSeries(planned, lines[0]?.series, colours)]),
      markSeries(thinnedMarks(answer), colours),
    ],
  }
}

/** Dashed, from the last step that was done. */
function plannedSeries({ steps, values }: PlannedRates, done: SeriesLine | undefined, colours: Colours): object {
  const last = done?.steps.length ?? 0
  const begin = last === 0 ? [] : [[done?.steps[last - 1], done?.values[last - 1]]]
  return {
    ...{ type: 'line', name: 'planned', showSymbol: false, symbolSize: 5, emphasis: { disabled: true } },
    itemStyle: { color: colours.quiet },
    lineStyle: { color: colours.quiet, type: 'dashed', width: 1.5 },
    data: [...begin, ...steps.map((step, index) => [step, values[index]])],
  }
}

function pointsOf({ steps, values }: SeriesLine, isLogarithmic: boolean): Points {
  return steps.map((step, index) => {
    const value = values[index] ?? null
    return [step, isLogarithmic && value !== null && value <= 0 ? null : value]
  })
}

/** Into how many stretches the steps are parted, each of which has one mark of a kind: closer ones are no lines any more. */
const markStretches = 50

function thinnedMarks({ marks, from, to }: SeriesAnswer): SeriesMark[] {
  const first = new Map<string, SeriesMark>()
  for (const mark of marks) {
    const place = `${mark.kind} ${Math.floor(((mark.step - from) * markStretches) / (to - from + 1))}`
    if (!first.has(place)) first.set(place, mark)
  }
  return [...first.values()]
}

/** Attempts and diagnoses across the chart; evaluations and checkpoints as ticks on the axis. */
function markSeries(marks: readonly SeriesMark[], colours: Colours): object {
  const style = {
    resumed: { color: colours.marks.resumed, type: 'dashed', width: 1.2 },
    diagnosis: { color: colours.marks.diagnosis, type: 'dotted', width: 1.2 },
    evaluation: { color: colours.quiet, type: 'solid', width: 1, opacity: 0.16 },
    checkpoint: { color: colours.quiet, type: 'dotted', width: 1, opacity: 0.35 },
  } as const
  return {
    type: 'line',
    name: '',
    data: [],
    markLine: {
      symbol: 'none',
      animation: false,
      label: { show: false },
      tooltip: { formatter: ({ name }: { name: string }) => name },
      data: marks.map(({ kind, step, label }) => ({
        xAxis: step,
        name: `step ${step}: ${label}`,
        lineStyle: style[kind],
      })),
    },
  }
}

function needsLogarithm({ scale, lines }: SeriesChart, { series }: SeriesAnswer): boolean {
  if (scale !== 'auto') return scale === 'logarithmic'
  const values = lines
    .flatMap(line => series[line.series]?.values ?? [])
    .filter(value => value !== null)
    .sort((one, other) => one - other)
  const [least = 0, median = 0, most = 0] = [values[0], values[values.length >> 1], values.at(-1)]
  return least > 0 && most > largestOverMedian * median
}
