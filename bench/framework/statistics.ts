import type { Case } from './definition.ts'

/** The value in the middle, or halfway between the two in the middle. @throws RangeError where there are none */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const [lower, upper] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  if (lower === undefined || upper === undefined) throw new RangeError('There is no median of no values.')
  return (lower + upper) / 2
}

/** The smallest and the largest of some values. */
export type Spread = readonly [smallest: number, largest: number]

export function spreadOf(values: readonly number[]): Spread {
  return [Math.min(...values), Math.max(...values)]
}

/**
 * How many times better ours is than the peer: above 1 ours is better, whether less or more is.
 *
 * @returns null where no ratio says anything: one of them is zero, or, as differences can be, below it
 */
export function ratioOf(ours: number, peer: number, better: Case['better']): number | null {
  if (!(ours > 0 && peer > 0)) return null
  return better === 'lower' ? peer / ours : ours / peer
}

/** Whether a value is at most its target, or at least where more is better. */
export function reaches(value: number, target: number, better: Case['better']): boolean {
  return better === 'lower' ? value <= target : value >= target
}
