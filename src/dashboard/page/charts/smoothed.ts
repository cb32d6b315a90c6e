import { smooth, smoothingReach } from '../../../reports/smooth.ts'
import type { SeriesLine } from '../../answers/series.ts'

/**
 * The trend of a series, as all our charts draw it: of the buckets' means where it was thinned out. Null where it has too few
 * points to have one.
 */
export function smoothed({ steps, values, means }: SeriesLine): [step: number, value: number | null][] | null {
  const points = means ?? { steps, values }
  const reach = smoothingReach(points.steps.length)
  if (reach === 0) return null
  const trend = smooth(
    Float64Array.from(points.values, value => value ?? Number.NaN),
    reach,
  )
  return points.steps.map((step, index) => {
    const value = trend[index] ?? Number.NaN
    return [step, Number.isNaN(value) ? null : value]
  })
}
