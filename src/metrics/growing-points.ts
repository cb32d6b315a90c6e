/** The points of one series, in the order in which they were measured. */
export interface Points {
  readonly steps: Float64Array
  readonly values: Float64Array
}

/** A series that grows point by point: 16 bytes each, with room for as many again at most. */
export class GrowingPoints {
  #steps = new Float64Array(16)
  #values = new Float64Array(16)
  #length = 0

  get length(): number {
    return this.#length
  }

  push(step: number, value: number): void {
    if (this.#length === this.#steps.length) {
      this.#steps = doubled(this.#steps)
      this.#values = doubled(this.#values)
    }
    this.#steps[this.#length] = step
    this.#values[this.#length] = value
    this.#length++
  }

  /** Removes every point beyond a step. */
  dropAfter(step: number): void {
    let kept = 0
    for (let index = 0; index < this.#length; index++) {
      const at = this.#steps[index] ?? Number.NaN
      if (at > step) continue
      this.#steps[kept] = at
      this.#values[kept] = this.#values[index] ?? Number.NaN
      kept++
    }
    this.#length = kept
  }

  stepAt(index: number): number {
    return index < this.#length ? (this.#steps[index] ?? Number.NaN) : Number.NaN
  }

  valueAt(index: number): number {
    return index < this.#length ? (this.#values[index] ?? Number.NaN) : Number.NaN
  }

  /** A copy that later points do not change. */
  toPoints(): Points {
    return { steps: this.#steps.slice(0, this.#length), values: this.#values.slice(0, this.#length) }
  }
}

function doubled(column: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(column.length * 2)
  larger.set(column)
  return larger
}
