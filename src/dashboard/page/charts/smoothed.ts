import type { SeriesLine } from '../../answers.ts'

/** Fewer points are read as they are. */
const fewest = 50

/**
 * The trend of a series: the mean over a window of a fiftieth of it to either side, of the buckets' means where it was
 * thinned out. Null where it has too few points to have one.
 */
export function smoothed({ steps, values, means }: SeriesLine): [step: number, value: number | null][] | null {
  const points = means ?? { steps, values }
  const reach = Math.floor(points.steps.length / 50)
  if (points.steps.length < fewest || reach === 0) return null
  return points.steps.map((step, index) => {
    if (points.values[index] === null) return [step, null]
    const near = Math.min(reach, index, points.steps.length - 1 - index)
    const window = points.values.slice(index - near, index + near + 1).filter(value => value !== null)
    return [step, window.reduce((sum, value) => sum + value, 0) / window.length]
  })
}
