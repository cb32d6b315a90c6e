import type { TrainingData } from '../../events/training-events.ts'
import type { Attempt } from '../../history/attempts.ts'
import type { RunStanding } from '../../history/run-at.ts'
import type { LogEntry } from './logged-events.ts'
import type { SeriesChart } from './series.ts'

/** `GET /api/runs/:run`: what does not change while a run goes on, but for its attempts. */
export interface RunAnswer {
  readonly run: string
  readonly created: TrainingData<'run.created'>
  readonly createdAt: number
  readonly attempts: readonly Attempt[]
  /** The version of its last event. */
  readonly version: number
  /** Whether a process trains it now. */
  readonly trained: boolean
  /** Whether this server belongs to that process, and takes commands for it. */
  readonly commandable: boolean
  /** Whether the gradients of its layers were observed until now. */
  readonly hasLayers: boolean
  /** The charts that what was measured until now makes. */
  readonly charts: readonly Pick<SeriesChart, 'name' | 'title' | 'axis'>[]
}

/** How far a subscriber has come with a run. */
export interface SubscriberStanding {
  readonly subscriber: string
  readonly status: 'following' | 'parked'
  /** The version of the last event that it has handled. */
  readonly cursor: number
  /** The position of the event that it could not handle, and why. */
  readonly failedAt: number | null
  readonly error: string | null
}

/** `GET /api/runs/:run/moment?version=`: a run as it stood after an event, with its latest diagnoses. */
export interface MomentAnswer extends RunStanding {
  /** How many diagnoses there are before those that are told. */
  readonly diagnosesBefore: number
  /** The event. */
  readonly event: LogEntry
  /** The lifecycle's state before the event. */
  readonly stateBefore: string
  /** How far the subscribers are now; a cursor says nothing of the past. */
  readonly subscribers: readonly SubscriberStanding[]
}
