import type { Chart, ChartLine, ChartMark } from '../reports/chart.ts'
import { type ChartKind, chartKindOf } from './chart-kinds.ts'
import { inReadingOrder } from './chart-order.ts'
import { layerCharts, layerSplit } from './layer-chart.ts'
import { spellOut } from './metric-words.ts'
import type { Mark, SeriesPoints } from './metrics-home.ts'

/** What the pictures of a training are made from. */
export interface ChartSources {
  readonly series: readonly SeriesPoints[]
  readonly marks: readonly Mark[]
  /** The learning rate that is planned for every step from the first, where it is known. */
  readonly plannedLearningRate: ArrayLike<number> | undefined
}

/** Figures of a step that say something only together. */
const figures: ReadonlySet<string> = new Set(['examples', 'durationMs', 'dataWaitMs', 'skipped'])

/** A picture for every type of metric that was measured, training and validation together. */
export function metricCharts({ series, marks, plannedLearningRate }: ChartSources): Chart[] {
  const place = { marks: resumes(marks), ...spanOf(series), ...epochLength(marks) }
  const groups = groupByKind(series.filter(({ split, metric }) => split !== layerSplit && !figures.has(metric)))
  const drawn = groups.map(({ kind: { noisy = false, ...chart }, members }): Chart => {
    const lines = linesOf(members, noisy)
    const isPlanned = chart.name === 'learning-rate' && plannedLearningRate !== undefined
    return { ...chart, ...place, lines: isPlanned ? [...lines, plannedLine(plannedLearningRate)] : lines }
  })
  const others = [...layerCharts(series), ...paceCharts(series)].map(chart => ({ ...chart, ...place }))
  return inReadingOrder([...drawn, ...others])
}

interface KindGroup {
  readonly kind: ChartKind
  readonly members: SeriesPoints[]
}

function groupByKind(series: readonly SeriesPoints[]): KindGroup[] {
  const groups = new Map<string, KindGroup>()
  for (const each of series) {
    const kind = chartKindOf(each.metric)
    const group = groups.get(kind.name)
    if (group === undefined) groups.set(kind.name, { kind, members: [each] })
    else group.members.push(each)
  }
  return [...groups.values()]
}

/** From texts to pictures solid, from pictures to texts dashed, in the same colours. */
const otherDirection = /^imageToText/
const direction = /^(imageToText|textToImage)(?=\p{Lu})/u

function linesOf(members: readonly SeriesPoints[], noisy: boolean): ChartLine[] {
  const splits = new Set(members.map(({ split }) => split))
  const metrics = new Set(members.map(({ metric }) => metric))
  const colours = new Map<string, number>()
  return members.map(({ split, metric, steps, values }) => {
    const subject = JSON.stringify([split, metric.replace(direction, '')])
    const colour = colours.get(subject) ?? colours.size
    colours.set(subject, colour)
    const what = spellOut(metric)
    const label = metrics.size === 1 && split !== '' ? split : splits.size === 1 ? what : `${split} ${what}`.trim()
    const stroke = otherDirection.test(metric) ? 'dashed' : 'solid'
    return { label, steps, values, colour, stroke, smooth: noisy }
  })
}

/** Charts of what a step's figures say together. */
export const paceKinds = {
  /** How many examples a second were trained on. */
  throughput: { name: 'throughput', title: 'Throughput', axis: 'examples per second', noisy: true },
  /** How much of the time went by waiting for them. */
  dataWait: {
    name: 'data-wait',
    title: 'Waiting for data',
    axis: 'share of the time',
    scale: 'linear',
    noisy: true,
  },
} as const satisfies Readonly<Record<string, ChartKind>>

function paceCharts(series: readonly SeriesPoints[]): Chart[] {
  const figure = (name: string) => series.find(({ split, metric }) => split === 'train' && metric === name)
  const [examples, duration, wait] = [figure('examples'), figure('durationMs'), figure('dataWaitMs')]
  const charts: Chart[] = []
  const draw = ({ noisy, ...chart }: ChartKind, points: Pick<ChartLine, 'steps' | 'values'>) =>
    charts.push({ ...chart, lines: [{ label: 'train', smooth: noisy === true, ...points }] })
  if (examples !== undefined && duration !== undefined) draw(paceKinds.throughput, ratio(examples, duration, 1000))
  if (wait !== undefined && duration !== undefined) draw(paceKinds.dataWait, ratio(wait, duration, 1))
  return charts
}

/** One series over another of the same steps. */
function ratio(over: SeriesPoints, under: SeriesPoints, factor: number): Pick<ChartLine, 'steps' | 'values'> {
  const values = over.values.map((value, index) => (factor * value) / (under.values[index] ?? Number.NaN))
  return { steps: over.steps, values }
}

function plannedLine(values: ArrayLike<number>): ChartLine {
  return { label: 'planned', steps: Float64Array.from(values, (_, index) => index + 1), values, faint: true, colour: 0 }
}

function resumes(marks: readonly Mark[]): ChartMark[] {
  return marks
    .filter(({ kind }) => kind === 'resumed')
    .map(({ step, number }) => ({ step, label: `resumed (attempt ${number})` }))
}

function spanOf(series: readonly SeriesPoints[]): Pick<Chart, 'span'> {
  const ends = series.flatMap(({ steps }) => [steps[0], steps.at(-1)]).filter(step => step !== undefined)
  return ends.length === 0 ? {} : { span: [Math.min(...ends), Math.max(...ends)] }
}

/** How many steps an epoch has, as the last one that was completed says. */
function epochLength(marks: readonly Mark[]): Pick<Chart, 'stepsPerEpoch'> {
  const last = marks.findLast(({ kind }) => kind === 'epoch')
  return last === undefined || last.number === 0 ? {} : { stepsPerEpoch: last.step / last.number }
}
