import type { TrainingData } from '../events/training-events.ts'

type Step = TrainingData<'step.completed'>

/** Steps over which rate and waiting are averaged. */
const window = 20

/** How quick steps were. */
export interface Pace {
  readonly examplesPerSecond: number
  /** The share of the time spent waiting for data. */
  readonly dataWait: number
  readonly millisecondsPerStep: number
}

/** The steps that were done last, for whoever shows how quick a training is now. */
export class RecentSteps {
  #steps: readonly Step[] = []

  push(step: Step): void {
    this.#steps = [...this.#steps.slice(1 - window), step]
  }

  /** The last one; undefined before the first. */
  get last(): Step | undefined {
    return this.#steps.at(-1)
  }

  get pace(): Pace {
    return paceOf(this.#steps)
  }
}

/** How quick some steps were together; not a number where there is none. */
export function paceOf(steps: readonly Step[]): Pace {
  let [examples, milliseconds, waiting] = [0, 0, 0]
  for (const { examples: more, durationMs, dataWaitMs } of steps) {
    examples += more
    milliseconds += durationMs
    waiting += dataWaitMs
  }
  return {
    examplesPerSecond: examples / (milliseconds / 1000),
    dataWait: waiting / milliseconds,
    millisecondsPerStep: milliseconds / steps.length,
  }
}
