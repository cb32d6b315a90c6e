import { MetricError } from './metric-error.ts'
import type { Observation } from './observation.ts'

/** The version and the step go before the values of a row. */
const valuesFrom = 2

/**
 * Successive observations of one split that measured the same metrics, as rows of doubles: the version of the event,
 * the step, and a value for each metric. Doubles hold whatever was measured to the last bit, and a series of a million
 * steps is read without parsing a text.
 */
export class PointBlock {
  /** Bytes of a full block, as long as one row is not larger: small enough to be written anew with every few steps. */
  static readonly size = 16_384

  readonly metrics: readonly string[]
  readonly #width: number
  readonly #capacity: number
  readonly #rows: Float64Array<ArrayBuffer>
  #length: number

  /** @throws MetricError when `stored` is not what {@link store} gave for these metrics */
  constructor(metrics: readonly string[], stored: Uint8Array = new Uint8Array()) {
    this.metrics = metrics
    this.#width = valuesFrom + metrics.length
    this.#capacity = Math.max(1, Math.floor(PointBlock.size / (8 * this.#width)))
    this.#rows = new Float64Array(this.#capacity * this.#width)
    this.#length = stored.byteLength / (8 * this.#width)
    if (!Number.isInteger(this.#length) || this.#length > this.#capacity) {
      throw new MetricError(
        `A block of points of ${metrics.length} metrics cannot be made of ${stored.byteLength} bytes; \`chronograd replay\` builds the metrics again from the log.`,
      )
    }
    new Uint8Array(this.#rows.buffer).set(stored)
  }

  get length(): number {
    return this.#length
  }

  /** Whether it can take what was measured: the same metrics in the same order, and there is room. */
  suits(metrics: readonly string[]): boolean {
    if (this.#length === this.#capacity || metrics.length !== this.metrics.length) return false
    for (let index = 0; index < metrics.length; index++) if (metrics[index] !== this.metrics[index]) return false
    return true
  }

  push(version: number, step: number, values: Observation['values']): void {
    let place = this.#length * this.#width
    this.#rows[place++] = version
    this.#rows[place++] = step
    for (const metric of this.metrics) this.#rows[place++] = values[metric] ?? Number.NaN
    this.#length++
  }

  versionAt(row: number): number {
    return this.#at(row, 0)
  }

  stepAt(row: number): number {
    return this.#at(row, 1)
  }

  /** @param column the place of the metric in {@link metrics} */
  valueAt(row: number, column: number): number {
    return this.#at(row, valuesFrom + column)
  }

  /** A row as it was measured. */
  observationAt(row: number, split: string): Observation {
    const values: Record<string, number> = {}
    for (const [column, metric] of this.metrics.entries()) values[metric] = this.valueAt(row, column)
    return { split, step: this.stepAt(row), values }
  }

  /** Drops every row from this one on. */
  cut(length: number): void {
    this.#length = Math.min(length, this.#length)
  }

  /** Its rows as bytes, for the constructor to take. */
  store(): Buffer {
    return Buffer.from(this.#rows.buffer, 0, this.#length * this.#width * 8)
  }

  #at(row: number, column: number): number {
    return row < this.#length ? (this.#rows[row * this.#width + column] ?? Number.NaN) : Number.NaN
  }
}
