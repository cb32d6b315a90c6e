import type { LogEntry } from '../../answers/logged-events.ts'

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
  /** Whether nothing is known yet of what was asked for. */
  readonly isWaiting: boolean
  readonly error: string | null
}
