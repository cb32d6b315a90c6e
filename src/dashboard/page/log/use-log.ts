import type { LogChoice, LogRows } from './log-rows.ts'
import { useFoundLog } from './use-found-log.ts'
import { useWholeLog } from './use-whole-log.ts'

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
