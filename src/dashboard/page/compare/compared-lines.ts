import type { ComparisonAnswer } from '../../answers/comparison.ts'
import type { SeriesAnswer, SeriesChart, SeriesLine } from '../../answers/series.ts'
import type { Stretch } from '../charts/use-series.ts'
import type { Alignment } from '../route.ts'

/** The palette's colours for runs; grey is for what runs that are not compared did before their forks. */
const runColours = [0, 1, 2, 3, 4, 5, 7] as const
const ancestorColour = 6

/** No more runs are compared at once than can be told apart. */
export const mostCompared = runColours.length

/** Runs have colours of their own, so that strokes tell the lines of one; dotted is what was before a fork. */
const strokes = ['solid', 'dashed'] as const

/** A stretch of a run that is drawn as a curve of its own in each chart. */
export interface ComparedPart {
  readonly run: string
  readonly label: string
  readonly colour: number
  /** Whether it is only there because a compared run was forked from it. */
  readonly isAncestor: boolean
  /** Of its log, and the last step; null for all there are. */
  readonly version: number
  readonly until: number | null
}

export function runColour(place: number): number {
  return runColours[place % mostCompared] ?? 0
}

/**
 * What is drawn: each run's own steps, and once for all of its forks what a run that is not compared did before them.
 *
 * @param versions how far each run's log has come
 */
export function comparedParts(
  runs: readonly string[],
  lineages: ComparisonAnswer['lineages'],
  versions: readonly number[],
): ComparedPart[] {
  const ancestors = new Map<string, ComparedPart>()
  for (const { run, until, version } of lineages.flatMap(lineage => lineage.slice(1))) {
    const known = ancestors.get(run)
    if (runs.includes(run) || until === null || (known?.until ?? 0) >= until) continue
    const label = `${run}, up to the fork`
    ancestors.set(run, { run, label, colour: ancestorColour, isAncestor: true, version, until })
  }
  return [
    ...runs.map((run, place) => ({
      ...{ run, label: run, colour: runColour(place), isAncestor: false },
      ...{ version: versions[place] ?? 0, until: null },
    })),
    ...ancestors.values(),
  ]
}

/** What of a part is asked for. @param zoom in steps, or in epochs of `stepsPerEpoch` steps */
export function stretchOf(
  { run, version, until }: ComparedPart,
  zoom: { readonly from: number; readonly to: number } | null,
  stepsPerEpoch: number,
): Stretch {
  if (zoom === null) return { run, until: version, to: until ?? undefined }
  return {
    run,
    until: version,
    from: Math.floor(zoom.from * stepsPerEpoch),
    to: Math.min(until ?? Number.POSITIVE_INFINITY, Math.ceil(zoom.to * stepsPerEpoch)),
  }
}

/** A part with what was measured in it. */
export interface MeasuredPart {
  readonly part: ComparedPart
  readonly answer: SeriesAnswer
}

/**
 * The charts of several runs laid over one another, in the form in which those of one are drawn: a colour for each run, a
 * stroke for each of its lines. A chart with more lines than there are strokes becomes one for each line.
 */
export function comparedCharts(
  parts: readonly MeasuredPart[],
  by: Alignment,
  zoom: { readonly from: number; readonly to: number } | null,
): SeriesAnswer {
  const series: SeriesLine[] = []
  const names = [...new Set(parts.flatMap(({ answer }) => answer.charts.map(({ name }) => name)))]
  const charts = names.flatMap(name => {
    const members = parts.flatMap(({ part, answer }) => {
      const chart = answer.charts.find(each => each.name === name)
      return chart === undefined ? [] : [{ part, answer, chart }]
    })
    const labels = [...new Set(members.flatMap(({ chart }) => chart.lines.map(({ label }) => label)))]
    const [first] = members
    if (first === undefined) return []
    const linesOf = (label: string, place: number, isOnly: boolean) =>
      members.flatMap(({ part, answer, chart }): SeriesChart['lines'][number][] => {
        const line = chart.lines.find(each => each.label === label)
        const measured = line === undefined ? undefined : answer.series[line.series]
        if (line === undefined || measured === undefined) return []
        series.push(aligned(measured, by === 'step' ? 1 : (answer.stepsPerEpoch ?? 1)))
        const stroke = part.isAncestor ? 'dotted' : (strokes[place] ?? 'solid')
        const told = isOnly ? part.label : `${part.label}: ${label}`
        return [{ ...line, label: told, series: series.length - 1, colour: part.colour, stroke }]
      })
    if (labels.length > strokes.length) {
      return labels.map((label, place) => ({
        ...first.chart,
        name: `${name}-${place}`,
        title: `${first.chart.title}: ${label}`,
        lines: linesOf(label, 0, true),
      }))
    }
    return [{ ...first.chart, lines: labels.flatMap((label, place) => linesOf(label, place, labels.length === 1)) }]
  })
  const ends = parts.map(({ answer }) => answer.lastStep / (by === 'step' ? 1 : (answer.stepsPerEpoch ?? 1)))
  const lastStep = Math.ceil(Math.max(0, ...ends))
  const { from, to } = zoom ?? { from: 0, to: lastStep }
  return { version: 0, from, to, lastStep, series, charts, marks: [], stepsPerEpoch: null }
}

function aligned(line: SeriesLine, unit: number): SeriesLine {
  if (unit === 1) return line
  const scaled = (steps: readonly number[]) => steps.map(step => step / unit)
  const means = line.means && { ...line.means, steps: scaled(line.means.steps) }
  return { ...line, steps: scaled(line.steps), means }
}
