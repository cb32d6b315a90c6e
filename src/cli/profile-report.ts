import pc from 'picocolors'
import type { ProfileSummary } from '../profile/profile-summary.ts'
import { shortPath } from './command-hint.ts'
import { formatCount, formatNumber, formatShare, formatTable } from './format.ts'

/** How many operations a person is told of; the file has all. */
const toldOperations = 12

/** What a profile says in short: where the time of a step went, and on which operations where they were timed. */
export function reportProfile({ file, steps, milliseconds, spans, operations }: ProfileSummary): string {
  if (steps === 0) return `The profile ${shortPath(file)} is empty: training did not come to the steps asked for.`
  const timeOf = (spent: number) => [`${(spent / steps).toFixed(2)} ms`, formatShare(spent / milliseconds)]
  const parts = [
    `${pc.bold('Profile')} of ${formatCount(steps, 'step')}: ${shortPath(file)}, for Perfetto or chrome://tracing`,
    formatTable(
      ['doing', 'a step', 'share'],
      [...spans, { name: 'all', milliseconds }].map(span => [span.name, ...timeOf(span.milliseconds)]),
    ),
  ]
  if (operations.length > 0) {
    const told = operations.slice(0, toldOperations)
    parts.push(
      formatTable(
        ['operation', 'of', 'calls a step', 'a step', 'share'],
        told.map(({ name, inputs, calls, milliseconds: spent }) => [
          name,
          inputs,
          formatNumber(calls / steps),
          ...timeOf(spent),
        ]),
      ),
    )
    const left = operations.length - told.length
    if (left > 0)
      parts.push(`${formatCount(left, 'quicker kind')} of operations and shapes ${left === 1 ? 'is' : 'are'} left out.`)
  }
  return `\n${parts.join('\n\n')}`
}
