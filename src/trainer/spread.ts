/** Up to `most` of `length` places, evenly apart. */
export function spread(length: number, most: number): number[] {
  const count = Math.min(most, length)
  return Array.from({ length: count }, (_, index) => Math.floor(((index + 0.5) * length) / count))
}
