/** An event as it stands in the journal; numbers that JSON lacks (NaN, infinities) are texts. */
export interface LoggedEvent {
  readonly position: number
  readonly version: number
  readonly id: string
  readonly type: string
  /** When it was appended, in milliseconds since 1970. */
  readonly at: number
  readonly data: unknown
  readonly meta: Readonly<Record<string, unknown>>
  readonly hash: string
}

/** An event with what the log says of it now. */
export interface LogEntry extends LoggedEvent {
  /** The attempt that went on from before its step, so that it is no longer part of the run's course; null where none did. */
  readonly supersededBy: number | null
}

/**
 * `GET /api/runs/:run/events?after=&limit=&type=&text=`: a stretch of a run's log; with `before=` instead of `after=` the
 * latest first.
 */
export interface LogAnswer {
  readonly events: readonly LogEntry[]
  /** What to give as `after`, or as `before`, for more; null where there is no more. */
  readonly next: number | null
}
