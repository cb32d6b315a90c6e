import { Option } from 'commander'
import type { Attempt } from '../history/attempts.ts'
import { wholeNumber } from './common-options.ts'
import { formatCount } from './format.ts'
import { UsageError } from './usage-error.ts'

/** `--attempt <n>`: what of one attempt is asked for. */
export const attemptOption = (meaning: string) => new Option('--attempt <n>', meaning).argParser(wholeNumber(1))

/**
 * A run that has not begun has events of a first attempt all the same.
 *
 * @throws UsageError when the run has no such attempt
 */
export function assertAttempt(run: string, attempts: readonly Attempt[], attempt: number | undefined): void {
  const last = attempts.at(-1)?.attempt ?? 1
  if (attempt === undefined || attempt <= last) return
  throw new UsageError(`The run ${run} has ${formatCount(last, 'attempt')}, so there is no attempt ${attempt}.`)
}
