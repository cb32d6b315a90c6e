import type { Chart, ChartLine } from './chart.ts'

/** The charts of one of several runs. */
export interface RunCharts {
  readonly run: string
  readonly charts: readonly Chart[]
}

const strokes = ['solid', 'dashed', 'dotted'] as const

/**
 * Draws several runs over one another: a colour for each run, a stroke for each of its lines. A chart with more lines than
 * there are strokes becomes one chart for each line. Marks and plans are left out: they would belong to one run of many.
 */
export function overlayCharts(runs: readonly RunCharts[]): Chart[] {
  const names = new Set(runs.flatMap(({ charts }) => charts.map(({ name }) => name)))
  return [...names].flatMap(name => overlayOne(runs, name))
}

function overlayOne(runs: readonly RunCharts[], name: string): Chart[] {
  const members = runs.flatMap(({ run, charts }, colour) => {
    const chart = charts.find(each => each.name === name)
    return chart === undefined ? [] : [{ run, colour, chart }]
  })
  const labels = [...new Set(members.flatMap(({ chart }) => measured(chart).map(({ label }) => label)))]
  const first = members[0]?.chart
  if (first === undefined || labels.length === 0) return []
  const { marks: _, stepsPerEpoch, span: __, ...rest } = first
  const sameEpochs = members.every(({ chart }) => chart.stepsPerEpoch === stepsPerEpoch)
  const head = { ...rest, ...(sameEpochs && stepsPerEpoch !== undefined ? { stepsPerEpoch } : {}) }
  const linesOf = (label: string, own: Pick<ChartLine, 'stroke'>, naming: (run: string) => string) =>
    members.flatMap(({ run, colour, chart }) =>
      measured(chart)
        .filter(line => line.label === label)
        .map(line => ({ ...line, ...own, colour, label: naming(run) })),
    )
  if (labels.length > strokes.length) {
    return labels.map((label, index) => ({
      ...head,
      name: `${name}-${slug(label) || index + 1}`,
      title: `${head.title}: ${label}`,
      lines: linesOf(label, { stroke: 'solid' }, run => run),
    }))
  }
  const lines = labels.flatMap((label, index) =>
    linesOf(label, { stroke: strokes[index] ?? 'solid' }, run => (labels.length === 1 ? run : `${run}: ${label}`)),
  )
  return [{ ...head, lines }]
}

function measured({ lines }: Chart): readonly ChartLine[] {
  return lines.filter(({ faint }) => faint !== true)
}

/** The words of a label, joined by hyphens. */
function slug(label: string): string {
  return (label.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).join('-')
}
