import type { Observation } from './observation.ts'
import { RunningSummary } from './running-summary.ts'

/** What all series of one split come to, and how that is kept between two observations. */
export class SplitSummary {
  readonly series: Map<string, RunningSummary>

  constructor(series = new Map<string, RunningSummary>()) {
    this.series = series
  }

  take({ step, values }: Observation): void {
    for (const metric of Object.keys(values)) this.#seriesOf(metric).take(step, values[metric] ?? Number.NaN)
  }

  /** The series of some metrics, for whoever takes in many values of the same; begun where there is none. */
  seriesOf(metrics: readonly string[]): RunningSummary[] {
    return metrics.map(metric => this.#seriesOf(metric))
  }

  /** The names of its metrics as JSON, and the numbers of their summaries one after another. */
  store(): { readonly metrics: string; readonly state: Buffer } {
    const state = new Float64Array(this.series.size * RunningSummary.size)
    let offset = 0
    for (const summary of this.series.values()) {
      summary.store(state, offset)
      offset += RunningSummary.size
    }
    return { metrics: JSON.stringify([...this.series.keys()]), state: Buffer.from(state.buffer) }
  }

  static restore({ metrics, state }: { readonly metrics: string; readonly state: Buffer }): SplitSummary {
    // Copied, since a buffer need not lie where doubles may.
    const numbers = new Float64Array(new Uint8Array(state).buffer)
    const names = JSON.parse(metrics) as string[]
    return new SplitSummary(
      new Map(names.map((name, index) => [name, RunningSummary.restore(numbers, index * RunningSummary.size)])),
    )
  }

  #seriesOf(metric: string): RunningSummary {
    let summary = this.series.get(metric)
    if (summary === undefined) {
      summary = new RunningSummary()
      this.series.set(metric, summary)
    }
    return summary
  }
}
