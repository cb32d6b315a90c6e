import type { Difference } from '../history/differences.ts'
import { describeValue } from '../history/fact-difference.ts'
import { plainText } from './format.ts'

const longestValue = 320

/** What a run has where several differ, exactly as it can be typed again. */
export function differingValue({ values }: Difference, run: string): string {
  if (!Object.hasOwn(values, run)) return 'absent'
  const value = values[run]
  // A hash or a commit is told from another one by its beginning.
  if (typeof value === 'string' && /^[0-9a-f]{40,}$/.test(value)) return value.slice(0, 12)
  return shortened(plainText(describeValue(value)), longestValue)
}

const mostChanges = 4
const longestChange = 60

/** What a fork changed, on a line: `optimizer.learningRate 0.001 → 0.0001, seed 1 → 2`. */
export function describeChanges(changes: readonly Difference[], parent: string, fork: string): string {
  if (changes.length === 0) return 'nothing changed'
  const told = changes.slice(0, mostChanges).map(change => {
    const [before, after] = [parent, fork].map(run => shortened(differingValue(change, run), longestChange))
    return `${plainText(change.path)} ${before} → ${after}`
  })
  const more = changes.length - told.length
  return [...told, ...(more > 0 ? [`${more} more`] : [])].join(', ')
}

function shortened(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`
}
