/** So many decades below its densest place a column's colours end. */
export const densityDecades = 4

/**
 * The places of a column's bins among colours, by how densely values lie in each, relative to the column's densest; null where
 * there are none. Bins are not equally wide, so it is not their counts.
 */
export function densityPlaces(counts: readonly number[], edges: Float64Array, colours: number): (number | null)[] {
  const densities = counts.map((count, bin) => count / ((edges[bin + 1] ?? 0) - (edges[bin] ?? 0)))
  const densest = Math.max(...densities)
  return densities.map(density => {
    if (density === 0) return null
    const share = 1 + Math.log10(density / densest) / densityDecades
    return Math.round(Math.max(0, share) * (colours - 1))
  })
}
