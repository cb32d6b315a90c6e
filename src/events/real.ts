import { z } from 'zod'

/**
 * JSON has no NaN, no infinities and no negative zero, and a diverging run produces them all. They are written as
 * these strings, only in fields whose schema is {@link real}, so that a text field that happens to say "NaN" stays text.
 */
const written = { NaN: Number.NaN, Infinity: Infinity, '-Infinity': -Infinity, '-0': -0 } as const

export type WrittenReal = keyof typeof written

/** A number as JSON holds it: itself, or the string that stands for it. */
export function writeReal(value: number): number | WrittenReal {
  if (Object.is(value, -0)) return '-0'
  return Number.isFinite(value) ? value : (String(value) as WrittenReal)
}

/** The number that {@link writeReal} wrote. */
export function readReal(value: number | WrittenReal): number {
  return typeof value === 'number' ? value : written[value]
}

/**
 * Any double, kept exactly through the journal: finite numbers as JSON numbers (which round-trip every double), the
 * others as `"NaN"`, `"Infinity"`, `"-Infinity"` and `"-0"`.
 */
export const real = z.codec(
  z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity', '-0'])], 'expected a number'),
  z.union([z.number(), z.nan(), z.literal([Infinity, -Infinity])], 'expected a number'),
  { decode: readReal, encode: writeReal },
)

/** A count or a 1-based number of steps, epochs, examples, bytes …: a whole number from 0 up. */
export const count = z.int().min(0)

/** Named numbers, such as an evaluation's metrics. */
export const reals = z.record(z.string(), real)
