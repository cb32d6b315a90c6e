/** Where a colour scale ends: the first of some round numbers that no similarity is beyond, so that it seldom changes. */
export function scaleEnd(values: readonly (readonly (number | string)[])[]): number {
  const largest = Math.max(0, ...values.flat().map(value => Math.abs(Number(value)) || 0))
  return [0.25, 0.5, 0.75].find(end => largest <= end) ?? 1
}

/** The colour of a similarity: one hue above zero, another below, the more of it the farther. */
export function similarityColour(value: number | string, end: number): string {
  const number = Number(value)
  if (!Number.isFinite(number)) return 'var(--raised)'
  const share = Math.min(100, Math.round((100 * Math.abs(number)) / end))
  return `color-mix(in oklab, var(${number < 0 ? '--series-1' : '--series-0'}) ${share}%, var(--surface))`
}

/** Two places, and no sign where nothing is left to have one. */
export function formatSimilarity(value: number | string): string {
  return typeof value === 'number' ? value.toFixed(2).replace(/^-(0\.00)$/, '$1') : value
}
