import type { RecordedEvent } from '../../events/recorded-event.ts'
import type { TrainingData } from '../../events/training-events.ts'
import type { Progress } from '../progress-line.ts'
import type { StepRange } from './sparkline.ts'
import type { WatchedChart } from './watched-charts.ts'

/** All that is shown of a run that is watched. What is text in it came from a log. */
export interface WatchedState {
  readonly run: string
  /** The machine's state, or what only a look at the processes tells: `killed` or `forked`. */
  readonly standing: string
  readonly attempt: number
  /** Undefined before it is known what the run is to do. */
  readonly progress: Progress | undefined
  /** What the charts show. */
  readonly steps: StepRange
  readonly charts: readonly WatchedChart[]
  readonly subscribers: readonly WatchedSubscriber[]
  /** The latest ones that still hold, the last one at the end. */
  readonly diagnoses: readonly TrainingData<'diagnosis.raised'>[]
  /** The latest ones, without those that come with every step, the last one at the end. */
  readonly events: readonly WatchedEvent[]
}

export interface WatchedSubscriber {
  readonly name: string
  /** How many events of the run it has not handled yet. */
  readonly behind: number
  /** Why it is parked; null where it is not. */
  readonly error: string | null
}

export interface WatchedEvent {
  readonly event: RecordedEvent
  /** The attempt that went on from before it; undefined where it still holds. */
  readonly superseded: number | undefined
}
