import { writeReal } from '../events/real.ts'
import { describeValue } from '../history/fact-difference.ts'
import type { ReexecutedDifference } from '../trainer/re-execution/comparison.ts'
import type { ReexecutionReport } from '../trainer/re-execution/reexecute.ts'
import { formatCount } from './format.ts'

/** What came of training again, as a check of `verify`. */
export function describeRerun(report: ReexecutionReport) {
  const { from, to, ok, firstDifference } = report
  const subject = ok ? `steps ${from} to ${to}` : `step ${firstDifference?.step}`
  return { check: 'rerun', subject, ok, message: sentenceOf(report) }
}

function sentenceOf(report: ReexecutionReport): string {
  const { ok, firstDifference: first, differing, expected } = report
  const compared = comparedIn(report)
  if (first === null) {
    const although = expected.length === 0 ? '' : `, although ${expected.join('; ')}`
    return `${compared} came out bit by bit as they were logged${although}`
  }
  if (!ok) return `${told(first)}; ${compared} were compared`
  const differ = `${differing} of ${compared} differ, as is to be expected: ${expected.join('; ')}`
  return `${differ}. At step ${first.step}, ${told(first)}`
}

function told({ type, version, field, logged, computed }: ReexecutedDifference): string {
  return `the log says ${field} ${describeValue(logged)} (${type}, event ${version}), and training again gives ${describeValue(computed)}`
}

function comparedIn({ steps, evaluations, observations, checkpoints }: ReexecutionReport): string {
  const counts = [
    formatCount(steps, 'step'),
    formatCount(evaluations, 'evaluation'),
    formatCount(observations, 'observation'),
  ]
  return `${counts.join(', ')} and ${formatCount(checkpoints, 'checkpoint')}`
}

/** A report as JSON says it: numbers that JSON lacks are the texts that stand for them in events. */
export function rerunJson({ firstDifference, ...report }: ReexecutionReport) {
  const written = (value: unknown) => (typeof value === 'number' ? writeReal(value) : (value ?? null))
  return {
    ...report,
    firstDifference: firstDifference && {
      ...firstDifference,
      logged: written(firstDifference.logged),
      computed: written(firstDifference.computed),
    },
  }
}
