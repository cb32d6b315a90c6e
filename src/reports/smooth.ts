/**
 * The mean over a window around every point, taken twice, which weighs near neighbours more. The window shrinks towards
 * both ends, so that the line begins and ends where the values do and lags behind nowhere. Values that are not finite
 * are left out of the means and stay gaps.
 *
 * @param values in the order of their steps
 * @param reach how many points to either side the window has
 */
export function smooth(values: Float64Array, reach: number): Float64Array {
  return windowMeans(windowMeans(values, reach), reach)
}

/** How far a line of so many points is smoothed: a fiftieth of it to either side. */
export function smoothingReach(points: number): number {
  return Math.floor(points / 50)
}

function windowMeans(values: Float64Array, reach: number): Float64Array {
  const means = new Float64Array(values.length)
  // Sums from the beginning; each mean is the difference of two of them.
  const sums = new Float64Array(values.length + 1)
  const counts = new Float64Array(values.length + 1)
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? Number.NaN
    const finite = Number.isFinite(value)
    sums[index + 1] = (sums[index] ?? 0) + (finite ? value : 0)
    counts[index + 1] = (counts[index] ?? 0) + (finite ? 1 : 0)
  }
  for (let index = 0; index < values.length; index++) {
    const before = Math.min(reach, index)
    const after = Math.min(before, values.length - 1 - index)
    const [from, to] = [index - before, index + after + 1]
    const count = (counts[to] ?? 0) - (counts[from] ?? 0)
    means[index] = Number.isFinite(values[index]) ? ((sums[to] ?? 0) - (sums[from] ?? 0)) / count : Number.NaN
  }
  return means
}
