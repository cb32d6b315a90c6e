import type { EChartsCoreOption } from 'echarts/core'
import { type Chart, type ChartLine, type ChartSize, chartSize } from './chart.ts'
import { smooth, smoothingReach } from './smooth.ts'
import { inOrder, type OrderedPoints, thinOut } from './thin-out.ts'

/** Told apart also by those who see colours differently (Okabe and Ito, 2008), darkest against white first. */
export const palette = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#8a6d00', '#56b4e9', '#444444', '#e69f00'] as const

const ink = '#1f2328'
const quiet = '#59636e'
const axisLine = '#9aa4af'
const gridLine = '#e6eaef'
const paper = '#ffffff'
const labelPaper = '#ffffffcc'

/** What a page on a dark ground shows in the place of a chart's colours; those that it does not name stay. */
export const colourOnDark: Readonly<Record<string, string>> = {
  [paper]: 'transparent',
  [labelPaper]: '#15191ecc',
  [ink]: '#e6edf3',
  [quiet]: '#9aa7b4',
  [axisLine]: '#59636e',
  [gridLine]: '#2a3139',
  '#0072b2': '#4ba3e3',
  '#d55e00': '#ff8a3d',
  '#009e73': '#2cc295',
  '#8a6d00': '#cfae2b',
  '#56b4e9': '#a5dcff',
  '#444444': '#c3cad1',
}
/** A mark on every point of a line of so few. */
const fewPoints = 40
const largestOverMedian = 50

/**
 * What Apache ECharts draws a chart from. Lines of more points than the picture has pixels are thinned out, so that a
 * browser gets little to load; it needs the line chart and the components grid, title, legend and mark line.
 *
 * @param options `fontFamily`: of all text. `size`: of the picture, in pixels; {@link chartSize} unless given
 */
export function chartOption(
  chart: Chart,
  { fontFamily, size = chartSize }: { fontFamily: string; size?: ChartSize },
): EChartsCoreOption {
  const lines = chart.lines.map((line, index) => ({ line, index, points: inOrder(line.steps, line.values) }))
  const logarithmic = isLogarithmic(
    chart,
    lines.map(({ points }) => points),
  )
  const drawn = lines.flatMap(({ line, index, points }) =>
    seriesOf(line, index, positiveOnly(points, logarithmic), size),
  )
  const range = stepRange(
    lines.map(({ points }) => points.steps),
    chart.span,
  )
  const epochs = chart.stepsPerEpoch
  const text = { fontFamily, color: ink }
  return {
    animation: false,
    backgroundColor: paper,
    textStyle: text,
    title: { text: chart.title, left: 20, top: 14, textStyle: { ...text, fontSize: 17, fontWeight: 'bold' } },
    legend: {
      data: [...new Set(chart.lines.map(({ label }) => label))],
      type: 'plain',
      left: 16,
      top: titleHeight(chart),
      width: size.width - 36,
      itemWidth: 26,
      itemGap: 18,
      itemStyle: { opacity: 0 },
      textStyle: { ...text, fontSize: 12 },
    },
    grid: { left: 76, right: 28, top: headHeight(chart, size), bottom: 52 },
    xAxis: [
      { ...axis(fontFamily), type: 'value', ...range, name: 'step', nameLocation: 'middle', nameGap: 30 },
      ...(epochs === undefined || range.max === undefined
        ? []
        : [
            {
              ...axis(fontFamily),
              type: 'value',
              position: 'top',
              min: range.min / epochs,
              max: range.max / epochs,
              name: 'epoch',
              nameLocation: 'end',
              splitLine: { show: false },
              axisLabel: {
                color: quiet,
                fontFamily,
                showMinLabel: Number.isInteger(range.min / epochs),
                showMaxLabel: Number.isInteger(range.max / epochs),
              },
            },
          ]),
    ],
    yAxis: {
      ...axis(fontFamily),
      type: logarithmic ? 'log' : 'value',
      scale: true,
      name: chart.axis + (logarithmic ? ' (logarithmic)' : ''),
      nameLocation: 'middle',
      nameRotate: 90,
      nameGap: 54,
      axisLabel: { color: quiet, fontFamily, formatter: shortNumber },
    },
    series: [...drawn, ...markSeries(chart, range, fontFamily)],
  }
}

/** A chart without a title has none above its legend: the page that shows it says what it is. */
function titleHeight({ title }: Chart): number {
  return title === '' ? 4 : 44
}

/** How much room title, legend and the second axis take above the lines. */
function headHeight(chart: Chart, size: ChartSize): number {
  const { lines, stepsPerEpoch } = chart
  const labels = [...new Set(lines.map(({ label }) => label))]
  const width = labels.reduce((sum, label) => sum + 26 + 5 + 18 + label.length * 7.4, 0)
  const rows = Math.max(1, Math.ceil(width / (size.width - 60)))
  return titleHeight(chart) + 6 + rows * 24 + (stepsPerEpoch === undefined ? 8 : 26)
}

function axis(fontFamily: string): object {
  return {
    axisLine: { show: true, lineStyle: { color: axisLine } },
    axisTick: { show: true, lineStyle: { color: axisLine } },
    axisLabel: { color: quiet, fontFamily },
    nameTextStyle: { color: quiet, fontFamily, fontSize: 12 },
    splitLine: { show: true, lineStyle: { color: gridLine } },
  }
}

function seriesOf(line: ChartLine, index: number, points: OrderedPoints, size: ChartSize): object[] {
  const color = palette[(line.colour ?? index) % palette.length]
  const reach = line.smooth === true ? smoothingReach(points.steps.length) : 0
  const type = line.stroke ?? 'solid'
  const measured = {
    type: 'line',
    name: line.label,
    data: dataOf(points, size),
    symbol: 'none',
    itemStyle: { color },
    lineStyle: { color, type, width: reach > 0 ? 1 : 2, opacity: reach > 0 ? 0.28 : line.faint === true ? 0.35 : 1 },
    z: reach > 0 || line.faint === true ? 2 : 3,
  }
  if (reach === 0) return [measured]
  const smoothed = { steps: points.steps, values: smooth(points.values, reach) }
  return [{ ...measured, data: dataOf(smoothed, size), lineStyle: { color, type, width: 2 }, z: 3 }, measured]
}

/** A point for about every pixel. One that stands between gaps gets a symbol, for it is part of no line. */
function dataOf(points: OrderedPoints, { width }: ChartSize): object[] {
  const { steps, values } = thinOut(points, width)
  const few = steps.length <= fewPoints
  return Array.from(steps, (step, index) => {
    const value = values[index] ?? Number.NaN
    if (!Number.isFinite(value)) return [step, '-']
    const alone = !Number.isFinite(values[index - 1]) && !Number.isFinite(values[index + 1])
    return few || alone ? { value: [step, value], symbol: 'circle', symbolSize: 5 } : [step, value]
  })
}

/** The marks, as lines of a series that has no points. */
function markSeries(
  { marks = [] }: Chart,
  { min, max }: { min: number; max: number | undefined },
  fontFamily: string,
): object[] {
  if (marks.length === 0 || max === undefined) return []
  return [
    {
      type: 'line',
      data: [],
      markLine: {
        silent: true,
        symbol: 'none',
        lineStyle: { color: quiet, type: [4, 4], width: 1 },
        data: marks.map(({ step, label }, index) => ({
          xAxis: step,
          // To the right of its line, or to the left where there is no room.
          label: {
            formatter: label,
            position: 'end',
            rotate: 0,
            verticalAlign: 'top',
            distance: 0,
            ...(step - min < 0.8 * (max - min)
              ? { align: 'left', offset: [5, 5 + 15 * (index % 3)] }
              : { align: 'right', offset: [-5, 5 + 15 * (index % 3)] }),
            backgroundColor: labelPaper,
            padding: [1, 3],
            color: quiet,
            fontFamily,
            fontSize: 11,
          },
        })),
      },
    },
  ]
}

function stepRange(
  columns: readonly Float64Array[],
  [first, last]: Chart['span'] = [Infinity, 0],
): { min: number; max: number | undefined } {
  const filled = columns.filter(steps => steps.length > 0)
  if (filled.length === 0) return { min: 0, max: undefined }
  const min = Math.min(first, ...filled.map(steps => steps[0] ?? 0))
  const max = Math.max(last, ...filled.map(steps => steps.at(-1) ?? 0))
  // From the beginning where that costs little room; a single step gets some to either side.
  if (min === max) return { min: Math.max(0, min - 1), max: max + 1 }
  return { min: min < 0.1 * max ? 0 : min, max }
}

function isLogarithmic({ scale = 'auto' }: Chart, columns: readonly OrderedPoints[]): boolean {
  if (scale !== 'auto') return scale === 'logarithmic'
  let length = 0
  for (const { values } of columns) length += values.length
  const finite = new Float64Array(length)
  length = 0
  for (const { values } of columns) {
    for (let index = 0; index < values.length; index++) {
      const value = values[index] ?? Number.NaN
      if (Number.isFinite(value)) finite[length++] = value
    }
  }
  const sorted = finite.subarray(0, length).sort()
  const [least = 0, median = 0, most = 0] = [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)]
  return least > 0 && most > largestOverMedian * median
}

/** A logarithmic axis has no place for what is not positive: those values become gaps. */
function positiveOnly({ steps, values }: OrderedPoints, logarithmic: boolean): OrderedPoints {
  return logarithmic ? { steps, values: values.map(value => (value > 0 ? value : Number.NaN)) } : { steps, values }
}

/** A number for an axis, as short as it is told apart. */
function shortNumber(value: number): string {
  const size = Math.abs(value)
  if (value !== 0 && (size < 1e-4 || size >= 1e6)) return value.toExponential().replace('e+', 'e')
  return String(Number(value.toPrecision(6)))
}
