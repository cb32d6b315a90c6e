import type { Source } from './source.ts'

/** One number for each sample of `source`: equal where the samples' `group` is equal, its own where it has none. */
export function sampleGroups(source: Source): Int32Array {
  const numbers = new Map<string, number>()
  let next = 0
  return Int32Array.from({ length: source.length }, (_, index) => {
    const { group } = source.sample(index)
    if (group === undefined) return next++
    const known = numbers.get(group)
    if (known !== undefined) return known
    numbers.set(group, next)
    return next++
  })
}
