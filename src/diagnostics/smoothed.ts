/** An average that follows its values: of the first of them plainly, then exponential. */
export type Smoothed = { readonly mean: number; readonly seen: number }

export const nothingSeen: Smoothed = { mean: 0, seen: 0 }

/**
 * The average after one more value. With the usual weight of 1/20 it forgets half of the past in 14 values and passes
 * on a sixth of their standard deviation.
 */
export function smooth({ mean, seen }: Smoothed, value: number, weight = 0.05): Smoothed {
  return { mean: mean + Math.max(weight, 1 / (seen + 1)) * (value - mean), seen: seen + 1 }
}

/** The plain average of everything after one more value. */
export function average(before: Smoothed, value: number): Smoothed {
  return smooth(before, value, 0)
}
