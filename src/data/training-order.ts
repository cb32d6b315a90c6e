import { Random } from '../random/random.ts'

/** Which samples a training step sees. */
export interface StepSamples {
  /** The epoch that the step belongs to, from 0. */
  readonly epoch: number
  /** The samples' indices in their source. */
  readonly samples: Uint32Array
}

/**
 * The order in which training goes through the samples: each epoch a permutation that follows from (seed, epoch) alone,
 * cut into batches. What is left over at an epoch's end is dropped, so every batch is full. Because any step's samples
 * follow from its number, a resumed run need not go through the batches before it.
 *
 * @example
 * const order = new TrainingOrder({ seed: 1, samples: Uint32Array.of(0, 1, 2, 4), batchSize: 2 })
 * order.step(3) // the second half of epoch 1
 */
export class TrainingOrder {
  readonly stepsPerEpoch: number
  readonly #seed: number
  readonly #samples: Uint32Array
  readonly #batchSize: number
  // A permutation of a million samples takes a tenth of a second, so the last one used is kept.
  #permutation: { readonly epoch: number; readonly places: Uint32Array } | undefined

  constructor({ seed, samples, batchSize }: { seed: number; samples: Uint32Array; batchSize: number }) {
    this.#seed = seed
    this.#samples = samples
    this.#batchSize = batchSize
    this.stepsPerEpoch = Math.floor(samples.length / batchSize)
  }

  /**
   * The samples of one step, counted from 0 over all epochs.
   *
   * @throws RangeError where `step` is no whole number from 0
   */
  step(step: number): StepSamples {
    if (!Number.isInteger(step) || step < 0)
      throw new RangeError(`Steps are whole numbers from 0; this one is ${step}.`)
    const epoch = Math.floor(step / this.stepsPerEpoch)
    const first = (step % this.stepsPerEpoch) * this.#batchSize
    const places = this.#placesOf(epoch).subarray(first, first + this.#batchSize)
    return { epoch, samples: places.map(place => this.#samples[place] as number) }
  }

  #placesOf(epoch: number): Uint32Array {
    if (this.#permutation?.epoch !== epoch) {
      const places = new Random(this.#seed, 'order', epoch).permutation(this.#samples.length)
      this.#permutation = { epoch, places }
    }
    return this.#permutation.places
  }
}
