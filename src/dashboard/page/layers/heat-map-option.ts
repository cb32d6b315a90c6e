import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemParams } from 'echarts'
import type { EChartsCoreOption } from 'echarts/core'
import type { LayerColumn, LayerHistogramsAnswer, ValueScale } from '../../answers/layers.ts'
import { edgesOf, placeOn } from '../../layers/value-scale.ts'
import { axisNumber, axisStyle } from '../charts/axis-style.ts'
import type { Colours } from '../charts/use-colours.ts'
import type { Span } from './column-spans.ts'
import { densityPlaces } from './density.ts'

/** How high the mark of values that are not finite is, in pixels. */
const markHeight = 6

/** Labels on either side of zero, at most. */
const mostLabels = 4

/** What ECharts draws the values of a layer over the steps from: a column each, the denser the values the darker. */
export function heatMapOption(
  { columns, scale, from, to }: LayerHistogramsAnswer,
  spans: readonly Span[],
  { colours, ramp }: { colours: Colours; ramp: readonly string[] },
): EChartsCoreOption {
  const axis = axisStyle(colours)
  const cells = columns.map(column => cellsOf(column, scale, ramp))
  const isLogarithmic = scale.kind === 'symmetric-logarithmic'
  const labels = isLogarithmic ? labelsOf(scale) : undefined
  const custom = labels && { customValues: labels.map(value => placeOn(scale, value)) }
  const axisLabel = {
    ...{ ...axis.axisLabel, ...custom },
    // Where the values end is no round number.
    ...(!isLogarithmic && { showMinLabel: false, showMaxLabel: false }),
    formatter: (place: number) => axisNumber(isLogarithmic ? rounded(scale.threshold * Math.sinh(place)) : place),
  }
  return {
    animation: false,
    textStyle: { color: colours.ink, fontFamily: 'system-ui, sans-serif' },
    grid: { left: 8, right: 14, top: 8, bottom: 4, outerBounds: { left: 4, right: 14, top: 8, bottom: 2 } },
    // Which step is pointed at is all that is wanted of it.
    tooltip: { trigger: 'axis', showContent: false },
    xAxis: {
      ...axis,
      type: 'value',
      min: from,
      max: Math.max(from + 1, to),
      minInterval: 1,
      splitLine: { show: false },
    },
    yAxis: {
      ...axis,
      type: 'value',
      min: placeOn(scale, scale.from),
      max: placeOn(scale, scale.to),
      axisTick: { show: isLogarithmic, ...custom },
      axisLabel,
    },
    series: [
      {
        type: 'custom',
        clip: true,
        silent: true,
        encode: { x: [0, 1], y: [2] },
        data: spans.map(span => [span.from, span.to, placeOn(scale, scale.from)]),
        renderItem: (params: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) => {
          const place = params.dataIndex
          const [column, span] = [columns[place], spans[place]]
          if (column === undefined || span === undefined) return null
          const [low, high] = [placeOn(scale, scale.from), placeOn(scale, scale.to)]
          const [left = 0, bottom = 0] = api.coord([span.from, low]).map(Math.round)
          const [right = 0, top = 0] = api.coord([span.to, high]).map(Math.round)
          // Whole pixels: of rectangles side by side that share one the border would be seen.
          const rectangle = (lower: number, upper: number, fill: string) => ({
            type: 'rect' as const,
            shape: { x: left, y: upper, width: Math.max(1, right - left), height: lower - upper },
            style: { fill },
          })
          const bins = column.finite?.counts.length ?? 1
          const edge = (bin: number) => Math.round(bottom - ((bottom - top) * bin) / bins)
          const markEnd = column.finite === null ? bottom : top + markHeight
          return {
            type: 'group',
            children: [
              ...(cells[place] ?? []).map(({ first, count, fill }) =>
                rectangle(edge(first), edge(first + count), fill),
              ),
              ...(column.nonFinite > 0 ? [rectangle(markEnd, top, colours.marks.diagnosis)] : []),
            ],
          }
        },
      },
    ],
  }
}

/** Neighbouring bins of one colour. */
interface Cell {
  readonly first: number
  count: number
  readonly fill: string
}

function cellsOf({ finite }: LayerColumn, scale: ValueScale, ramp: readonly string[]): Cell[] {
  if (finite === null) return []
  const cells: Cell[] = []
  for (const [bin, place] of densityPlaces(
    finite.counts,
    edgesOf(scale, finite.counts.length),
    ramp.length,
  ).entries()) {
    if (place === null) continue
    const fill = ramp[place] ?? ''
    const before = cells.at(-1)
    if (before?.fill === fill && before.first + before.count === bin) before.count += 1
    else cells.push({ first: bin, count: 1, fill })
  }
  return cells
}

/** Zero and powers of ten on both sides, from the largest on, as many as can be read. */
function labelsOf({ threshold, from, to }: ValueScale): number[] {
  const [least, most] = [Math.log10(threshold), Math.floor(Math.log10(Math.max(-from, to)))]
  const every = Math.max(1, Math.ceil((most - least + 1) / mostLabels))
  const sizes: number[] = []
  for (let power = most; power >= least; power -= every) sizes.push(10 ** power)
  return [...sizes.map(size => -size), 0, ...sizes].filter(value => value >= from && value <= to)
}

/** Without what rounding left of a power of ten. */
function rounded(value: number): number {
  return Number(value.toPrecision(3))
}
