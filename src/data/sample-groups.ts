import type { Source } from './source.ts'

/** One number for each group: equal where the groups are equal, and its own where there is none. */
export function groupNumbers(length: number, groupOf: (index: number) => string | undefined): Int32Array {
  const numbers = new Map<string, number>()
  return Int32Array.from({ length }, (_, index) => {
    const group = groupOf(index)
    if (group === undefined) return index
    const known = numbers.get(group) ?? index
    numbers.set(group, known)
    return known
  })
}

/** The group numbers of a source's samples. */
export function sampleGroups(source: Source): Int32Array {
  return groupNumbers(source.length, index => source.sample(index).group)
}
