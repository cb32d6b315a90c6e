import type { SeriesLine } from '../answers.ts'

/** What a picture gets of a series, without its name. */
export type Thinned = Pick<SeriesLine, 'steps' | 'values' | 'means'>

/**
 * Thins a series out while it is read, in memory that does not grow with it: its steps fall into buckets of one width, of
 * each of which the lowest and the highest value stay, so that no spike is lost, and the mean. Up to twice as many points
 * as buckets come through untouched.
 *
 * @example
 * const points = new BucketedPoints({ from: 1, to: 1_000_000, buckets: 500 })
 * for (const { step, loss } of steps) points.push(step, loss)
 * points.thinned().steps.length // at most 1000
 */
export class BucketedPoints {
  readonly #from: number
  readonly #width: number
  readonly #count: number
  /** Every point, as long as they are few. */
  #few: { readonly steps: number[]; readonly values: number[] } | undefined = { steps: [], values: [] }
  readonly #buckets: (Bucket | undefined)[] = []

  /** @param range the first and the last step that come, and how many buckets there are between them */
  constructor({ from, to, buckets }: { from: number; to: number; buckets: number }) {
    this.#from = from
    this.#count = buckets
    this.#width = (to - from + 1) / buckets
  }

  /** Takes a point; steps never fall, and lie in the range. */
  push(step: number, value: number): void {
    const few = this.#few
    if (few !== undefined && few.steps.length < 2 * this.#count) {
      few.steps.push(step)
      few.values.push(value)
    } else this.#few = undefined
    const place = Math.min(this.#count - 1, Math.floor((step - this.#from) / this.#width))
    const bucket = this.#buckets[place]
    if (bucket === undefined) this.#buckets[place] = new Bucket(step, value)
    else bucket.push(step, value)
  }

  thinned(): Thinned {
    if (this.#few !== undefined) {
      const { steps, values } = this.#few
      return { steps, values: values.map(finiteOrGap), means: null }
    }
    const points = { steps: [] as number[], values: [] as (number | null)[] }
    const means = { steps: [] as number[], values: [] as (number | null)[] }
    for (const bucket of this.#buckets) {
      if (bucket === undefined) continue
      for (const { step, value } of bucket.extremes()) {
        points.steps.push(step)
        points.values.push(finiteOrGap(value))
      }
      means.steps.push((bucket.firstStep + bucket.lastStep) / 2)
      means.values.push(finiteOrGap(bucket.mean))
    }
    return { ...points, means }
  }
}

interface Point {
  readonly step: number
  readonly value: number
}

class Bucket {
  readonly firstStep: number
  lastStep: number
  #lowest: Point
  #highest: Point
  #sum = 0
  #finite = 0

  constructor(step: number, value: number) {
    this.firstStep = step
    this.lastStep = step
    this.#lowest = { step, value }
    this.#highest = this.#lowest
    this.#add(value)
  }

  push(step: number, value: number): void {
    this.lastStep = step
    if (!Number.isFinite(value)) return
    // What is not finite gives way to anything that is.
    if (this.#finite === 0 || value < this.#lowest.value) this.#lowest = { step, value }
    if (this.#finite === 0 || value > this.#highest.value) this.#highest = { step, value }
    this.#add(value)
  }

  get mean(): number {
    return this.#sum / this.#finite
  }

  /** In the order in which they came. */
  extremes(): Point[] {
    const [one, other] = [this.#lowest, this.#highest]
    if (one === other || one.value === other.value) return [one]
    return one.step < other.step ? [one, other] : [other, one]
  }

  #add(value: number): void {
    if (!Number.isFinite(value)) return
    this.#sum += value
    this.#finite++
  }
}

function finiteOrGap(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
