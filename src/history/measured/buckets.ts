/** What a picture gets of a series, without its name. */
export interface Thinned {
  /** In the order of the steps: of every bucket the lowest and the highest value, or all where they are few. */
  readonly steps: readonly number[]
  /** Null is a gap: what was measured there is no number. */
  readonly values: readonly (number | null)[]
  /** The mean of every bucket, at its middle; null where all points are there, or no chart reads it by its trend. */
  readonly means: { readonly steps: readonly number[]; readonly values: readonly (number | null)[] } | null
}

/** What a bucket is made of, as places in its row of doubles. */
const [place, count, finite, sum, firstStep, lastStep, lowStep, low, highStep, high] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
const rowLength = 10

/**
 * A series in buckets, each of so many steps: of each the lowest and the highest value stay, so that no spike is lost, and the
 * mean. A bucket begins at a multiple of its width, wherever the series begins and however it goes on; so buckets of one
 * series can be put together to wider ones, and those that are full never change. A bucket takes 80 bytes.
 *
 * @example
 * const loss = new Buckets(2048)
 * for (const { step, loss } of steps) loss.push(step, loss)
 * loss.thinned().steps.length // at most two for each 2048 steps
 */
export class Buckets {
  readonly width: number
  #rows = new Float64Array(rowLength)
  #length = 0

  /** @param width how many steps a bucket has */
  constructor(width: number) {
    this.width = width
  }

  /** Takes a point; steps never fall. */
  push(step: number, value: number): void {
    if (Number.isFinite(value)) this.#put(step, step, 1, 1, value, step, value, step, value)
    else this.#put(step, step, 1, 0, 0, 0, 0, 0, 0)
  }

  /**
   * Takes what narrower buckets of the series hold; their width divides that of these.
   *
   * @param from,to the first and the last step whose buckets are taken, as whole ones; none where the last comes before the first
   */
  take(narrower: Buckets, from: number, to: number): void {
    if (from > to) return
    const last = Math.floor(to / narrower.width)
    const theirs = narrower.#rows
    for (let index = narrower.#firstFrom(Math.floor(from / narrower.width)); index < narrower.#length; index++) {
      const row = index * rowLength
      const at = (column: number) => theirs[row + column] ?? 0
      if (at(place) > last) return
      const [lowest, highest] = [at(low), at(high)]
      this.#put(at(firstStep), at(lastStep), at(count), at(finite), at(sum), at(lowStep), lowest, at(highStep), highest)
    }
  }

  /** In the order of the steps. Of a bucket without a number a gap stays. Without means where every point stayed. */
  thinned(): Thinned {
    const points = { steps: [] as number[], values: [] as (number | null)[] }
    const means = { steps: [] as number[], values: [] as (number | null)[] }
    let isWhole = true
    for (let index = 0; index < this.#length; index++) {
      const at = (column: number) => this.#rows[index * rowLength + column] ?? 0
      if (at(count) > 1) isWhole = false
      means.steps.push((at(firstStep) + at(lastStep)) / 2)
      if (at(finite) === 0) {
        points.steps.push(at(firstStep))
        points.values.push(null)
        means.values.push(null)
        continue
      }
      means.values.push(at(sum) / at(finite))
      const isLowFirst = at(lowStep) <= at(highStep)
      const [one, other] = isLowFirst ? ([lowStep, highStep] as const) : ([highStep, lowStep] as const)
      points.steps.push(at(one))
      points.values.push(at(one + 1))
      if (at(low) === at(high)) continue
      points.steps.push(at(other))
      points.values.push(at(other + 1))
    }
    return { ...points, means: isWhole ? null : means }
  }

  /** The first step of each bucket. */
  firstSteps(): number[] {
    return Array.from({ length: this.#length }, (_, index) => this.#rows[index * rowLength + firstStep] ?? 0)
  }

  /** Puts points into the bucket that they fall into: how many, how many of them finite, their sum and their extremes. */
  #put(
    first: number,
    last: number,
    points: number,
    finites: number,
    total: number,
    lowestStep: number,
    lowest: number,
    highestStep: number,
    highest: number,
  ): void {
    const row = this.#rowOf(Math.floor(first / this.width), first)
    const rows = this.#rows
    rows[row + count] = (rows[row + count] ?? 0) + points
    rows[row + lastStep] = last
    if (finites === 0) return
    const isFirst = rows[row + finite] === 0
    rows[row + finite] = (rows[row + finite] ?? 0) + finites
    rows[row + sum] = (rows[row + sum] ?? 0) + total
    if (isFirst || lowest < (rows[row + low] ?? 0)) {
      rows[row + lowStep] = lowestStep
      rows[row + low] = lowest
    }
    if (isFirst || highest > (rows[row + high] ?? 0)) {
      rows[row + highStep] = highestStep
      rows[row + high] = highest
    }
  }

  /** Where the row of a bucket begins, the last one or a new one. */
  #rowOf(bucket: number, step: number): number {
    const last = (this.#length - 1) * rowLength
    if (this.#length > 0 && this.#rows[last + place] === bucket) return last
    const row = this.#length * rowLength
    if (row === this.#rows.length) {
      const larger = new Float64Array(2 * row)
      larger.set(this.#rows)
      this.#rows = larger
    }
    this.#length++
    this.#rows[row + place] = bucket
    this.#rows[row + firstStep] = step
    return row
  }

  /** The index of the first bucket at a place or after it. */
  #firstFrom(wanted: number): number {
    let [from, to] = [0, this.#length]
    while (from < to) {
      const middle = (from + to) >> 1
      if ((this.#rows[middle * rowLength + place] ?? 0) < wanted) from = middle + 1
      else to = middle
    }
    return from
  }
}

/**
 * How wide the buckets of a stretch of steps are: a power of two, so that they can be put together from narrower ones.
 *
 * @param steps how many steps there are
 * @param most how many buckets there may be; twice as many where each has a single step
 */
export function bucketWidth(steps: number, most: number): number {
  return steps <= 2 * most ? 1 : 2 ** Math.ceil(Math.log2(steps / most))
}
