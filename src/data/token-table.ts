import type { Source } from './source.ts'

/** All captions of a source as tokens, so that a training step encodes no text. */
export class TokenTable {
  readonly tokenLength: number
  /** Where each sample's captions begin; one entry more than there are samples. */
  readonly #firstCaption: Uint32Array
  readonly #tokens: Int32Array

  /** @param encode gives exactly `tokenLength` tokens for a text */
  constructor(source: Source, encode: (text: string) => Int32Array, tokenLength: number) {
    this.tokenLength = tokenLength
    this.#firstCaption = new Uint32Array(source.length + 1)
    for (let index = 0; index < source.length; index++) {
      this.#firstCaption[index + 1] = this.#start(index) + source.sample(index).captions.length
    }
    this.#tokens = new Int32Array(this.#start(source.length) * tokenLength)
    for (let index = 0; index < source.length; index++) {
      for (const [offset, caption] of source.sample(index).captions.entries()) {
        this.#tokens.set(encode(caption), (this.#start(index) + offset) * tokenLength)
      }
    }
  }

  /** How many captions the sample has. */
  captionCount(index: number): number {
    return this.#start(index + 1) - this.#start(index)
  }

  /** The tokens of one caption: `tokenLength` numbers, not to be written to. */
  tokens(index: number, caption: number): Int32Array {
    const from = (this.#start(index) + caption) * this.tokenLength
    return this.#tokens.subarray(from, from + this.tokenLength)
  }

  #start(index: number): number {
    const start = this.#firstCaption[index]
    if (start === undefined) throw new RangeError(`There are no captions of a sample at index ${index}.`)
    return start
  }
}
