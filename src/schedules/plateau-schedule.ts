import { LearningRateSchedule, type ScheduleSpan } from './learning-rate-schedule.ts'

export interface PlateauOptions {
  /** What the learning rate is multiplied by when the metric stands still. */
  readonly factor: number
  /** So many evaluations in a row without improvement lower it. */
  readonly patience: number
  /** An improvement is more than this. */
  readonly minimumChange: number
  /** The learning rate does not fall below this share of the peak. */
  readonly finalShare: number
  /** Which way the metric is better. */
  readonly better: 'higher' | 'lower'
}

/**
 * Stays at the peak and lowers it by a factor whenever the run's metric has not improved for some evaluations. What it
 * remembers is in its counters, so a resumed run goes on exactly. A metric that is not a number is no improvement.
 */
export class PlateauSchedule extends LearningRateSchedule {
  readonly #options: PlateauOptions
  #improvements = 0
  #best = 0
  #withoutImprovement = 0
  #reductions = 0

  constructor(span: ScheduleSpan, options: PlateauOptions) {
    super(span)
    this.#options = options
  }

  protected override share(): number {
    const { factor, finalShare } = this.#options
    return Math.max(finalShare, factor ** this.#reductions)
  }

  override observe(metric: number): void {
    const { patience } = this.#options
    if (this.#improves(metric)) {
      this.#improvements += 1
      this.#best = metric
      this.#withoutImprovement = 0
      return
    }
    this.#withoutImprovement += 1
    if (this.#withoutImprovement < patience) return
    this.#reductions += 1
    this.#withoutImprovement = 0
  }

  override counters(): Readonly<Record<string, number>> {
    return {
      improvements: this.#improvements,
      best: this.#best,
      withoutImprovement: this.#withoutImprovement,
      reductions: this.#reductions,
    }
  }

  override restoreCounters(counters: Readonly<Record<string, number>>): void {
    const { improvements = 0, best = 0, withoutImprovement = 0, reductions = 0 } = counters
    this.#improvements = improvements
    this.#best = best
    this.#withoutImprovement = withoutImprovement
    this.#reductions = reductions
  }

  #improves(metric: number): boolean {
    if (!Number.isFinite(metric)) return false
    if (this.#improvements === 0) return true
    const { better, minimumChange } = this.#options
    const gain = better === 'higher' ? metric - this.#best : this.#best - metric
    return gain > minimumChange
  }
}
