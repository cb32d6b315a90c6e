/** A machine's value in a line: `going.fast`, and of parallel regions `light: on, door: open`. */
export function formatStateValue(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  const regions = Object.entries(value)
  const [only] = regions
  if (only !== undefined && regions.length === 1) {
    const inside = formatStateValue(only[1])
    return inside.includes(': ') ? `${only[0]} (${inside})` : inside === '' ? only[0] : `${only[0]}.${inside}`
  }
  return regions
    .map(([region, inside]) => {
      const told = formatStateValue(inside)
      return told.includes(': ') ? `${region}: (${told})` : `${region}: ${told}`
    })
    .join(', ')
}
