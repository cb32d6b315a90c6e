import { z } from 'zod'
import { real, type WrittenReal, writeReal } from '../events/real.ts'
import { MetricError } from './metric-error.ts'
import { type Mark, type SeriesKey, type SeriesPoints, seriesName } from './metrics-home.ts'

/** Everything that a collector holds, as plain JSON: NaN and the infinities are the strings that name them. */
export interface SavedMetrics {
  readonly version: 1
  readonly series: readonly {
    /** The prefix of its name; empty for none. */
    readonly split: string
    readonly metric: string
    readonly steps: readonly number[]
    readonly values: readonly (number | WrittenReal)[]
  }[]
  readonly marks: readonly Mark[]
}

const step = z.int().min(0)

const schema = z.strictObject({
  version: z.literal(1),
  series: z
    .array(
      z
        .strictObject({ split: z.string(), metric: z.string(), steps: z.array(step), values: z.array(real) })
        .refine(({ steps, values }) => steps.length === values.length, 'it has not as many steps as values'),
    )
    .refine(series => new Set(series.map(seriesName)).size === series.length, 'two of them have the same name'),
  marks: z.array(z.strictObject({ kind: z.enum(['resumed', 'epoch']), step, number: z.int().min(1) })),
})

/** Turns series and marks into plain JSON. */
export function saveMetrics(series: readonly SeriesPoints[], marks: readonly Mark[]): SavedMetrics {
  return {
    version: 1,
    series: series.map(({ split, metric, steps, values }) => ({
      split,
      metric,
      steps: Array.from(steps),
      values: Array.from(values, writeReal),
    })),
    marks,
  }
}

/** What was saved, checked. */
export interface LoadedMetrics {
  readonly series: readonly (SeriesKey & { readonly steps: readonly number[]; readonly values: readonly number[] })[]
  readonly marks: readonly Mark[]
}

/** @throws MetricError when it is not what {@link saveMetrics} gives */
export function loadMetrics(saved: unknown): LoadedMetrics {
  const parsed = schema.safeParse(saved)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const place = issue === undefined || issue.path.length === 0 ? 'they' : issue.path.join('.')
  throw new MetricError(
    `These are not saved metrics: ${place}: ${issue?.message}; give what toJSON gave, or JSON.parse of it.`,
  )
}
