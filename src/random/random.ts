import { threefry2x32 } from './threefry.ts'

/** What a random number is for. Numbers drawn for one purpose never depend on those drawn for another. */
export type Purpose = 'initialisation' | 'order' | 'caption' | 'augmentation' | 'dropout' | 'bench' | 'evaluation'

const purposes: Record<Purpose, number> = {
  initialisation: 1,
  order: 2,
  caption: 3,
  augmentation: 4,
  dropout: 5,
  bench: 6,
  evaluation: 7,
}

/**
 * Random numbers that are a function of (seed, purpose, coordinates, index) and of nothing else. There is no hidden
 * generator state: whoever knows the coordinates (an epoch and a sample, a step and a layer) gets the same numbers in
 * any process, in any order, which is what makes a resumed run exact.
 *
 * A `Random` counts the numbers that it has handed out, so it is made where it is used and thrown away.
 *
 * @example
 * const random = new Random(seed, 'augmentation', epoch, sampleIndex)
 * const flip = random.uniform() < 0.5
 */
export class Random {
  readonly #key0: number
  readonly #key1: number
  readonly #block = new Uint32Array(2)
  #drawn = 0
  #spareNormal: number | undefined

  /**
   * @param seed the run's seed: a whole number from 0 to 2^53 - 1
   * @param purpose what the numbers are for
   * @param coordinates whole numbers from 0 to 2^32 - 1 that say which draw this is: epoch, step, sample …
   */
  constructor(seed: number, purpose: Purpose, ...coordinates: readonly number[]) {
    let key0 = seed >>> 0
    let key1 = Math.floor(seed / 2 ** 32) >>> 0
    // Each coordinate is absorbed under the key that the earlier ones made, so (1, 2) and (2, 1) differ.
    for (const word of [purposes[purpose], ...coordinates]) {
      threefry2x32(key0, key1, word, coordinates.length, this.#block)
      key0 = this.#block[0] as number
      key1 = this.#block[1] as number
    }
    this.#key0 = key0
    this.#key1 = key1
  }

  /** The next 32 random bits, as an unsigned integer. */
  bits(): number {
    const index = this.#drawn++
    if ((index & 1) === 0) threefry2x32(this.#key0, this.#key1, index >>> 1, 0, this.#block)
    return this.#block[index & 1] as number
  }

  /** A number from [low, high), `[0, 1)` unless told, with 32 bits of resolution. */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * (this.bits() / 2 ** 32)
  }

  /** A whole number from 0 to `bound` - 1, each equally likely (bounds up to 2^32). */
  integer(bound: number): number {
    const limit = 2 ** 32 - (2 ** 32 % bound)
    for (;;) {
      const bits = this.bits()
      if (bits < limit) return bits % bound
    }
  }

  /** A number from the standard normal distribution (Box and Muller 1958). */
  normal(): number {
    const spare = this.#spareNormal
    if (spare !== undefined) {
      this.#spareNormal = undefined
      return spare
    }
    const radius = Math.sqrt(-2 * Math.log((this.bits() + 1) / 2 ** 32))
    const angle = (2 * Math.PI * this.bits()) / 2 ** 32
    this.#spareNormal = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }

  /** The whole numbers from 0 to `length` - 1 in random order (Fisher and Yates). */
  permutation(length: number): Uint32Array {
    const order = Uint32Array.from({ length }, (_, index) => index)
    for (let last = length - 1; last > 0; last--) {
      const other = this.integer(last + 1)
      const held = order[last] as number
      order[last] = order[other] as number
      order[other] = held
    }
    return order
  }
}
