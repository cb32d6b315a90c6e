import { GrowingColumn } from './growing-column.ts'

const chunkBytes = 2 ** 20

/**
 * A list of small JSON values that grows at its end, kept as UTF-8 text: a tenth of what the same values take as
 * objects, and nothing that the garbage collector would walk through. A value is parsed each time it is asked for.
 */
export class JsonRows<Value> {
  readonly #chunks: Buffer[] = []
  /** Where each value begins: the number of its chunk times 2^32, plus its place there. */
  readonly #starts = new GrowingColumn()
  readonly #lengths = new GrowingColumn()
  #used = 0

  get length(): number {
    return this.#starts.length
  }

  push(value: Value): void {
    this.pushText(Buffer.from(JSON.stringify(value)))
  }

  /** Adds a value that is already text. */
  pushText(text: Uint8Array): void {
    // A value lies in one chunk; one that is larger than a chunk gets its own.
    let chunk = this.#chunks.at(-1)
    if (chunk === undefined || this.#used + text.length > chunk.length) {
      chunk = Buffer.allocUnsafe(Math.max(chunkBytes, text.length))
      this.#chunks.push(chunk)
      this.#used = 0
    }
    chunk.set(text, this.#used)
    this.#starts.push((this.#chunks.length - 1) * 2 ** 32 + this.#used)
    this.#lengths.push(text.length)
    this.#used += text.length
  }

  /** @throws RangeError where there is no value at `index` */
  at(index: number): Value {
    const start = this.#starts.at(index)
    const from = start % 2 ** 32
    const chunk = this.#chunks[Math.floor(start / 2 ** 32)]
    if (chunk === undefined) throw new RangeError(`There is no row at index ${index}.`)
    return JSON.parse(chunk.toString('utf8', from, from + this.#lengths.at(index)))
  }
}
