import pc from 'picocolors'
import type { OperationTime, ProfileSummary } from '../profile/profile-summary.ts'
import { shortPath } from './command-hint.ts'
import { formatCount, formatNumber, formatShare, formatTable } from './format.ts'

/** How many operations a person is told of; the file has all. */
const toldOperations = 10

/** An operation on inputs of all shapes. */
interface OperationTotal {
  readonly name: string
  readonly calls: number
  readonly milliseconds: number
  /** The shapes that it took longest on. */
  readonly slowest: OperationTime
}

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
  const totals = totalsOf(operations)
  if (totals.length > 0) {
    const rows = totals
      .slice(0, toldOperations)
      .map(({ name, calls, milliseconds: spent, slowest }) => [
        name,
        formatNumber(calls / steps),
        ...timeOf(spent),
        slowest.inputs,
        formatShare(slowest.milliseconds / milliseconds),
      ])
    parts.push(formatTable(['operation', 'calls', 'a step', 'share', 'longest on', 'share'], rows))
    const left = totals.length - rows.length
    if (left > 0) parts.push(`${formatCount(left, 'operation')} that took less ${left === 1 ? 'is' : 'are'} left out.`)
  }
  return `\n${parts.join('\n\n')}`
}

/** @param operations the longest first, as the totals are then */
function totalsOf(operations: readonly OperationTime[]): OperationTotal[] {
  const totals = new Map<string, OperationTotal>()
  for (const operation of operations) {
    const { name, calls, milliseconds } = operation
    const before = totals.get(name) ?? { name, calls: 0, milliseconds: 0, slowest: operation }
    totals.set(name, { ...before, calls: before.calls + calls, milliseconds: before.milliseconds + milliseconds })
  }
  return [...totals.values()].sort((one, other) => other.milliseconds - one.milliseconds)
}
