import { halfCosine, LearningRateSchedule, type ScheduleSpan } from './learning-rate-schedule.ts'

/**
 * Half cosines one after another, each from the peak (SGDR, Loshchilov and Hutter 2017). The cycles fill the run exactly,
 * so that it ends at the bottom of the last.
 */
export class WarmRestartsSchedule extends LearningRateSchedule {
  readonly #cycles: number
  readonly #growth: number
  readonly #finalShare: number

  /** @param options `growth`: how much longer each cycle is than the one before it */
  constructor(
    span: ScheduleSpan,
    { cycles, growth, finalShare }: { readonly cycles: number; readonly growth: number; readonly finalShare: number },
  ) {
    super(span)
    this.#cycles = cycles
    this.#growth = growth
    this.#finalShare = finalShare
  }

  protected override share(step: number, steps: number): number {
    const [start, end] = this.#cycleAt(step, steps)
    return halfCosine(Math.min(1, (step - start) / (end - start)), this.#finalShare)
  }

  protected override turnsOfShare(steps: number): readonly number[] {
    return this.#restarts(steps).flatMap(step => [step - 1, step])
  }

  /** Where the cycle that a step lies in starts and ends, in steps. */
  #cycleAt(step: number, steps: number): readonly [number, number] {
    let start = 0
    for (const end of this.#restarts(steps)) {
      if (step < end) return [start, end]
      start = end
    }
    return [start, Math.max(steps, start + 1)]
  }

  /** The steps at which cycles start, but for the first. They fall on whole steps. */
  #restarts(steps: number): readonly number[] {
    const lengths = Array.from({ length: this.#cycles }, (_, cycle) => this.#growth ** cycle)
    const total = lengths.reduce((sum, length) => sum + length)
    let covered = 0
    return lengths.slice(0, -1).map(length => {
      covered += length
      return Math.round((steps * covered) / total)
    })
  }
}
