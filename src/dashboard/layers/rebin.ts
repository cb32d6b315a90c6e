import type { Extent } from './value-scale.ts'

/**
 * Adds a histogram, of equally wide bins from the minimum to the maximum, to counts in other bins. What lies in a bin is taken
 * to be spread over it evenly, so that a count may come in parts; together they are as many as before.
 *
 * @param edges the bounds of the other bins, rising; everything must lie between the first and the last
 */
export function rebin(
  histogram: readonly number[],
  { minimum, maximum }: Extent,
  edges: Float64Array,
  counts: Float64Array,
): void {
  const width = (maximum - minimum) / histogram.length
  let bin = 0
  for (const [index, count] of histogram.entries()) {
    if (count === 0) continue
    const [low, high] = [minimum + index * width, minimum + (index + 1) * width]
    while (bin < counts.length - 1 && (edges[bin + 1] ?? high) <= low) bin++
    let left = count
    for (let each = bin; left > 0; each++) {
      const end = edges[each + 1] ?? high
      const isLast = each >= counts.length - 1 || end >= high
      const part = isLast ? left : Math.min(left, (count * (end - Math.max(low, edges[each] ?? low))) / (high - low))
      counts[each] = (counts[each] ?? 0) + part
      left = isLast ? 0 : left - part
    }
  }
}

/** Parts of a value that are told apart. */
const precision = 10_000

/** Rounds counts so that their sum stays what it was: what one loses by it the next one gets. */
export function rounded(counts: Float64Array): number[] {
  let [sum, told] = [0, 0]
  return Array.from(counts, count => {
    sum += count
    const part = Math.round(precision * sum) - told
    told += part
    return part / precision
  })
}
