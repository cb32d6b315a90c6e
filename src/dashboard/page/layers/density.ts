/** The place of a density among the colours is this power of its share: few values show, and many can be told apart. */
const exponent = 1 / 3

/**
 * The places of a column's bins among colours, by how densely values lie in each, relative to the column's densest; null where
 * there are none. Bins are not equally wide, so it is not their counts.
 */
export function densityPlaces(counts: readonly number[], edges: Float64Array, colours: number): (number | null)[] {
  const densities = counts.map((count, bin) => count / ((edges[bin + 1] ?? 0) - (edges[bin] ?? 0)))
  const densest = Math.max(...densities)
  return densities.map(density => (density === 0 ? null : Math.round((density / densest) ** exponent * (colours - 1))))
}
