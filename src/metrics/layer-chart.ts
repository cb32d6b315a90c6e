import type { Chart, ChartLine } from '../reports/chart.ts'
import type { SeriesPoints } from './metrics-home.ts'

/** The split whose metrics are layers: `image.stage0.block1.kernel` and so on, each with the norm of its gradient. */
export const layerSplit = 'gradients'

/** More lines than this cannot be told apart. */
const mostLines = 8

/**
 * The gradients of a model's parts. Layers are taken together by the beginnings of their names, as long ones as leave few
 * enough parts; the norm of a part is the root of the sum of its layers' squared norms.
 */
export function layerCharts(series: readonly SeriesPoints[]): Chart[] {
  const layers = series.filter(({ split }) => split === layerSplit)
  if (layers.length === 0) return []
  const lines = partsOf(layers).map(([label, members]): ChartLine => ({ label, ...togetherNorm(members) }))
  const [title, axis] = ['Gradients by part of the model', 'L2 norm before clipping']
  return [{ name: 'gradients', title, axis, scale: 'logarithmic', lines }]
}

function partsOf(layers: readonly SeriesPoints[]): (readonly [part: string, layers: readonly SeriesPoints[]])[] {
  const deepest = Math.max(...layers.map(({ metric }) => metric.split('.').length))
  for (let depth = deepest; ; depth--) {
    const parts = new Map<string, SeriesPoints[]>()
    for (const layer of layers) {
      const part = layer.metric.split('.').slice(0, depth).join('.')
      parts.set(part, [...(parts.get(part) ?? []), layer])
    }
    if (parts.size <= mostLines || depth <= 1) return [...parts]
  }
}

function togetherNorm(layers: readonly SeriesPoints[]): Pick<ChartLine, 'steps' | 'values'> {
  const squares = new Map<number, number>()
  for (const { steps, values } of layers) {
    for (const [index, step] of steps.entries()) {
      squares.set(step, (squares.get(step) ?? 0) + (values[index] ?? Number.NaN) ** 2)
    }
  }
  return { steps: [...squares.keys()], values: Array.from(squares.values(), Math.sqrt) }
}
