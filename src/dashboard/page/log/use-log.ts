import type { LogEntry } from '../../answers.ts'
import { useFoundLog } from './use-found-log.ts'
import { useWholeLog } from './use-whole-log.ts'

/** Which events are wanted. */
export interface LogChoice {
  /** Empty for every type. */
  readonly type: string
  readonly text: string
}

export interface LogRows {
  /** How many rows are known of. */
  readonly count: number
  /** The event of a row, the latest first; undefined while it is on its way. */
  readonly entry: (index: number) => LogEntry | undefined
  /** To be told which rows are in sight. */
  readonly seen: (first: number, last: number) => void
  readonly error: string | null
}

/**
 * The events of a run up to a version, the latest first, asked for as they come into sight.
 *
 * @param attempts how many there are: with each, other events are superseded
 */
export function useLog(run: string, version: number, attempts: number, choice: LogChoice): LogRows {
  const isFiltered = choice.type !== '' || choice.text !== ''
  const whole = useWholeLog(run, version, attempts)
  const found = useFoundLog(run, isFiltered ? version : null, attempts, choice)
  return isFiltered ? found : whole
}
