/** A column of numbers (whole ones up to 2^53) that grows as it is written, at 8 bytes a number. */
export class GrowingColumn {
  #values = new Float64Array(1024)
  #length = 0

  get length(): number {
    return this.#length
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Float64Array(this.#values.length * 2)
      larger.set(this.#values)
      this.#values = larger
    }
    this.#values[this.#length++] = value
  }

  /** @throws RangeError where `index` is not that of a number written */
  at(index: number): number {
    const value = index < this.#length ? this.#values[index] : undefined
    if (value === undefined) throw new RangeError(`A column of ${this.#length} numbers has none at index ${index}.`)
    return value
  }
}
