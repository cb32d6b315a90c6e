import type { Observation } from '../metrics/observation.ts'

/** Beyond this squares overflow. No float32 comes near it. */
const largest = 1e100

/** A value of an observation, or undefined where it was not measured or is not finite. */
export function finiteValue({ values }: Observation, name: string): number | undefined {
  const value = values[name]
  // A negative zero becomes the positive one, as it would in JSON.
  return value !== undefined && Math.abs(value) <= largest ? value + 0 : undefined
}
