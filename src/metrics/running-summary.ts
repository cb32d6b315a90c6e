/**
 * Sums a series up while it is measured, without keeping it: Welford's update of mean and variance (Welford, 1962).
 * Values are taken relative to the first one, and what rounding loses is carried along (Kahan, 1965), so that also
 * after a million values around a billion the result is that of two passes. Values that are not finite are counted
 * and otherwise left out.
 */
export class RunningSummary {
  /** Values taken. */
  count = 0
  /** How many of them were finite. */
  finite = 0
  latest = Number.NaN
  latestStep = 0
  minimum = Number.POSITIVE_INFINITY
  minimumStep = 0
  maximum = Number.NEGATIVE_INFINITY
  maximumStep = 0
  private origin = 0
  private mean = 0
  private meanCarry = 0
  private squares = 0
  private squaresCarry = 0

  /** How many numbers a stored summary has. */
  static readonly size = 13

  /** Takes in the next value. */
  take(step: number, value: number): void {
    this.count++
    this.latest = value
    this.latestStep = step
    if (!Number.isFinite(value)) return
    this.finite++
    if (value < this.minimum) {
      this.minimum = value
      this.minimumStep = step
    }
    if (value > this.maximum) {
      this.maximum = value
      this.maximumStep = step
    }
    if (this.finite === 1) this.origin = value
    const shifted = value - this.origin
    const before = shifted - this.mean
    const towards = before / this.finite - this.meanCarry
    const mean = this.mean + towards
    this.meanCarry = mean - this.mean - towards
    this.mean = mean
    const square = before * (shifted - mean) - this.squaresCarry
    const squares = this.squares + square
    this.squaresCarry = squares - this.squares - square
    this.squares = squares
  }

  /** The mean of the finite values; NaN where there is none. */
  get average(): number {
    return this.finite === 0 ? Number.NaN : this.origin + this.mean
  }

  /** The standard deviation of the finite values, as of a whole population; NaN where there is none. */
  get standardDeviation(): number {
    return this.finite === 0 ? Number.NaN : Math.sqrt(this.squares / this.finite)
  }

  /** Writes its {@link RunningSummary.size} numbers to `target` from `offset` on. */
  store(target: Float64Array, offset: number): void {
    target[offset] = this.count
    target[offset + 1] = this.finite
    target[offset + 2] = this.latest
    target[offset + 3] = this.latestStep
    target[offset + 4] = this.minimum
    target[offset + 5] = this.minimumStep
    target[offset + 6] = this.maximum
    target[offset + 7] = this.maximumStep
    target[offset + 8] = this.origin
    target[offset + 9] = this.mean
    target[offset + 10] = this.meanCarry
    target[offset + 11] = this.squares
    target[offset + 12] = this.squaresCarry
  }

  /** The summary that was stored in `source` from `offset` on. */
  static restore(source: Float64Array, offset: number): RunningSummary {
    const summary = new RunningSummary()
    summary.count = source[offset] ?? 0
    summary.finite = source[offset + 1] ?? 0
    summary.latest = source[offset + 2] ?? 0
    summary.latestStep = source[offset + 3] ?? 0
    summary.minimum = source[offset + 4] ?? 0
    summary.minimumStep = source[offset + 5] ?? 0
    summary.maximum = source[offset + 6] ?? 0
    summary.maximumStep = source[offset + 7] ?? 0
    summary.origin = source[offset + 8] ?? 0
    summary.mean = source[offset + 9] ?? 0
    summary.meanCarry = source[offset + 10] ?? 0
    summary.squares = source[offset + 11] ?? 0
    summary.squaresCarry = source[offset + 12] ?? 0
    return summary
  }
}
