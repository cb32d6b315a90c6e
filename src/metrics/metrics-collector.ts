import { diagnose } from '../diagnostics/diagnose.ts'
import type { Diagnosis } from '../diagnostics/diagnosis.ts'
import type { Chart } from '../reports/chart.ts'
import type { Points } from './growing-points.ts'
import { MemoryHome } from './memory-home.ts'
import { metricCharts } from './metric-charts.ts'
import { MetricError } from './metric-error.ts'
import { type MetricOutput, metricLine } from './metric-line.ts'
import { flattenMetrics, type MetricValues } from './metric-values.ts'
import { type Better, betterSide } from './metric-words.ts'
import { type Mark, type MetricsHome, type SeriesKey, seriesName } from './metrics-home.ts'
import { loadMetrics, type SavedMetrics, saveMetrics } from './saved-metrics.ts'

export interface UpdateOptions {
  /** What was measured on: `train`, `val`. The name of a metric begins with it. */
  readonly prefix?: string
  /** Steps done so far; one more than the prefix's last unless given. */
  readonly step?: number
}

/** What a series comes to. Values that are not finite count in `count`, `nonFinite` and `latest` only. */
export interface MetricSummary {
  /** Values measured. */
  readonly count: number
  readonly nonFinite: number
  readonly latest: number
  readonly latestStep: number
  /** The lowest or the highest, whichever is better; null where neither is, or no value is finite. */
  readonly best: number | null
  readonly bestStep: number | null
  readonly mean: number
  /** The standard deviation, as of a whole population. */
  readonly std: number
  readonly min: number
  readonly max: number
}

/** How well right pairs stand out among all; see {@link MetricsCollector.updateAlignmentMetrics}. */
export interface AlignmentMetrics {
  readonly step?: number
  /** The mean similarity of right pairs. */
  readonly diagMean: number
  /** The mean similarity of all pairs. */
  readonly simMean: number
  readonly alignmentGap: number
  readonly alignmentSnr: number
}

export interface CollectorOptions {
  /** Where `logMetrics` prints; standard output unless given. */
  readonly output?: MetricOutput
}

/**
 * Collects what a training measures: keeps every value in two doubles, sums it up as it comes, prints it, plots it, and
 * looks for faults in it. In memory it works alone; on a run's home it reads what the metrics subscriber took from the log.
 *
 * A subclass can hold more and draw more: override `plots` for further charts, `better` for metrics of its own, `toJSON`
 * and `fromJSON` for further state.
 *
 * @example
 * const metrics = new MetricsCollector()
 * metrics.update({ loss: 0.4, recalls: { top1: 0.8, top5: 0.95 } }, { prefix: 'val', step: 100 })
 * metrics.getLatest('val_recalls_top1') // 0.8
 * await metrics.plotHistory({ saveDir: 'plots' })
 */
export class MetricsCollector {
  /**
   * The learning rate of every step from the first, where it is known ahead: `schedule.ahead()`. It is drawn faintly behind
   * the one that was used.
   */
  plannedLearningRate: ArrayLike<number> | undefined
  protected readonly home: MetricsHome
  readonly #output: MetricOutput
  /** The last step of every prefix that was updated. */
  readonly #lastSteps = new Map<string, number>()

  /** @param home where the metrics lie; in memory unless given */
  constructor(home: MetricsHome = new MemoryHome(), { output = process.stdout }: CollectorOptions = {}) {
    this.home = home
    this.#output = output
  }

  /**
   * Takes in what was measured. Nested values get names joined by `_`: `{ recalls: { top1 } }` with the prefix `val` is
   * `val_recalls_top1`. Tensors of one number are read, and stay the caller's. Each value takes constant time.
   *
   * @throws MetricError when a value is no number, the step is no whole number from 0, or the home takes nothing; nothing
   *   is taken in then
   */
  update(values: MetricValues, { prefix = '', step }: UpdateOptions = {}): void {
    const flat = flattenMetrics(values)
    const at = step ?? (this.#lastSteps.get(prefix) ?? 0) + 1
    assertStep(at)
    this.home.add({ split: prefix, step: at, values: flat })
    this.#lastSteps.set(prefix, at)
  }

  /**
   * Takes in how far right pairs stand out. With S the cosine similarities of a split's images and texts, `diagMean` is the
   * mean of S's diagonal, `simMean` the mean of all of S, `alignmentGap` their difference, and `alignmentSnr` the diagonal
   * mean's distance from the rest's in the rest's standard deviations.
   */
  updateAlignmentMetrics({ step, ...values }: AlignmentMetrics): void {
    this.update(values, step === undefined ? {} : { step })
  }

  /**
   * Says that an epoch is done, so that plots count epochs too.
   *
   * @param epoch from 1
   * @param step steps done by then
   */
  completeEpoch(epoch: number, step: number): void {
    assertStep(step)
    this.home.addMark({ kind: 'epoch', step, number: epoch })
  }

  /**
   * Says that the training goes on from an earlier step. What was measured beyond it is dropped, as if it had never been;
   * plots show where it was.
   */
  resumeAt(step: number): void {
    assertStep(step)
    const attempts = this.marks.filter(({ kind }) => kind === 'resumed').map(({ number }) => number)
    this.home.addMark({ kind: 'resumed', step, number: Math.max(1, ...attempts) + 1 })
    for (const [prefix, last] of this.#lastSteps) this.#lastSteps.set(prefix, Math.min(last, step))
  }

  /** Where the training was resumed and its epochs ended, in the order of the steps. */
  get marks(): readonly Mark[] {
    return this.home.marks()
  }

  /** The names of all series, in the order in which they were first measured. */
  get names(): string[] {
    return this.home.summaries().map(seriesName)
  }

  /** A metric's steps and values in the order in which they were measured; none where there is no such metric. */
  getMetric(name: string): Points {
    const key = this.home.summaries().find(series => seriesName(series) === name)
    return key === undefined ? { steps: new Float64Array(), values: new Float64Array() } : this.home.points(key)
  }

  /** A metric's last value, or undefined where there is no such metric. */
  getLatest(name: string): number | undefined {
    return this.home.summaries().find(series => seriesName(series) === name)?.summary.latest
  }

  /** What every metric comes to, by name. */
  getSummary(): Readonly<Record<string, MetricSummary>> {
    return Object.fromEntries(
      this.home.summaries().map(({ summary, ...key }) => {
        const { count, finite, latest, latestStep, minimum, minimumStep, maximum, maximumStep } = summary
        const side = finite === 0 ? undefined : this.better(key)
        const best = {
          lower: [minimum, minimumStep] as const,
          higher: [maximum, maximumStep] as const,
        }
        const [value, step] = side === undefined ? [null, null] : best[side]
        const told: MetricSummary = {
          count,
          nonFinite: count - finite,
          latest,
          latestStep,
          best: value,
          bestStep: step,
          mean: summary.average,
          std: summary.standardDeviation,
          min: finite === 0 ? Number.NaN : minimum,
          max: finite === 0 ? Number.NaN : maximum,
        }
        return [seriesName(key), told]
      }),
    )
  }

  /** Prints metrics in one line, without keeping them. Lines of the same metrics stand below one another. */
  logMetrics(values: MetricValues, { prefix = '', step }: UpdateOptions = {}): void {
    this.#output.write(`${metricLine(flattenMetrics(values), { prefix, step, output: this.#output })}\n`)
  }

  /**
   * Looks for faults: a plateau, an exploding loss, overfitting and others, each with its evidence and what to do about it.
   * They are the same that a run's diagnostics look for, and know the prefixes `train` and `val`.
   */
  diagnoseTrainingIssues(): Diagnosis[] {
    return diagnose(this.home.observations())
  }

  /** What {@link plotHistory} draws, as plain data: one chart for every type of metric. */
  plots(): readonly Chart[] {
    const { plannedLearningRate } = this
    return metricCharts({ series: this.home.allPoints(), marks: this.marks, plannedLearningRate })
  }

  /**
   * Draws every chart of {@link plots} as `<name>.svg` and `<name>.png`.
   *
   * @param options `saveDir`: the folder; made where it is not there
   * @returns the files
   */
  async plotHistory({ saveDir }: { readonly saveDir: string }): Promise<string[]> {
    // Only who plots loads the drawing: training never does.
    const { saveCharts } = await import('../reports/save-charts.ts')
    return await saveCharts(this.plots(), saveDir)
  }

  /** Everything that is held, as plain JSON; `JSON.stringify` calls it. */
  toJSON(): SavedMetrics {
    return saveMetrics(this.home.allPoints(), this.marks)
  }

  /**
   * Takes back what {@link toJSON} gave, in place of what is held.
   *
   * @throws MetricError when it is something else, or the home takes nothing; nothing is changed then
   */
  fromJSON(saved: unknown): this {
    const { series, marks } = loadMetrics(saved)
    this.clear()
    for (const mark of marks) this.home.addMark(mark)
    for (const { split, metric, steps, values } of series) {
      for (const [index, step] of steps.entries()) {
        this.home.add({ split, step, values: { [metric]: values[index] ?? Number.NaN } })
        this.#lastSteps.set(split, Math.max(step, this.#lastSteps.get(split) ?? 0))
      }
    }
    return this
  }

  /** Forgets everything that is held. */
  clear(): void {
    this.home.clear()
    this.#lastSteps.clear()
  }

  /** Which way a metric improves, as its name says; override it for names that say nothing. */
  protected better({ metric }: SeriesKey): Better | undefined {
    return betterSide(metric)
  }
}

function assertStep(step: number): void {
  if (Number.isSafeInteger(step) && step >= 0) return
  throw new MetricError(`A step is a whole number from 0, but metrics were given for step ${step}.`)
}
