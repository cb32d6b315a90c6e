import { Random } from '../random/random.ts'

/** A run of samples that lie one after another in a shard. */
export interface ShardRange {
  readonly shard: number
  /** The places of the first and, exclusive, the last among the shard's usable samples. */
  readonly from: number
  readonly to: number
}

/** Where a batch takes one sample from. */
export interface WindowPlace {
  readonly window: number
  readonly place: number
  /** The sample's number among all usable samples, shard after shard, which is the same in every epoch. */
  readonly sample: number
}

/** Which samples a training step sees. */
export interface StreamedStep {
  /** The epoch that the step belongs to, from 0. */
  readonly epoch: number
  readonly places: readonly WindowPlace[]
}

/** One epoch's order of the shards. */
interface Epoch {
  readonly epoch: number
  readonly shards: Uint32Array
  /** Where each of `shards` begins in the epoch's stream; one entry more than there are shards. */
  readonly starts: Float64Array
}

/**
 * The order in which training streams through shards. Each epoch the shards are read in a new order, one after another;
 * what they give is cut into windows of `buffer` samples, and each window is shuffled. All of it follows from (seed,
 * epoch, number of the window), so that the samples of any step are known by arithmetic, and a resumed run reads nothing
 * but the windows that it still needs.
 *
 * @example
 * const order = new StreamedOrder({ seed: 1, shardLengths: [1000, 980], batchSize: 64, buffer: 512 })
 * order.step(20).places // 64 places in the windows 2 and 3
 */
export class StreamedOrder {
  readonly stepsPerEpoch: number
  readonly windowsPerEpoch: number
  readonly length: number
  readonly #seed: number
  readonly #shardLengths: readonly number[]
  /** The number of each shard's first sample. */
  readonly #shardStarts: Float64Array
  readonly #batchSize: number
  readonly #buffer: number
  #epoch: Epoch | undefined
  readonly #permutations = new Map<string, Uint32Array>()

  constructor(options: { seed: number; shardLengths: readonly number[]; batchSize: number; buffer: number }) {
    const { seed, shardLengths, batchSize, buffer } = options
    this.#seed = seed
    this.#shardLengths = shardLengths
    this.#shardStarts = runningSums(shardLengths)
    this.#batchSize = batchSize
    this.#buffer = buffer
    this.length = this.#shardStarts[shardLengths.length] ?? 0
    this.stepsPerEpoch = Math.floor(this.length / batchSize)
    this.windowsPerEpoch = Math.ceil(this.length / buffer)
  }

  /**
   * Where the samples of one step lie; steps are counted from 0 over all epochs.
   *
   * @throws RangeError where `step` is no whole number from 0
   */
  step(step: number): StreamedStep {
    if (!Number.isInteger(step) || step < 0)
      throw new RangeError(`Steps are whole numbers from 0; this one is ${step}.`)
    const epoch = Math.floor(step / this.stepsPerEpoch)
    const first = (step % this.stepsPerEpoch) * this.#batchSize
    const places = Array.from({ length: this.#batchSize }, (_, offset): WindowPlace => {
      const position = first + offset
      const window = Math.floor(position / this.#buffer)
      const start = window * this.#buffer
      const place = this.#permutation(epoch, window)[position - start] as number
      return { window, place, sample: this.#sampleAt(epoch, start + place) }
    })
    return { epoch, places }
  }

  /** What a window holds before it is shuffled, in the order in which it is read. */
  window(epoch: number, window: number): ShardRange[] {
    const { shards, starts } = this.#shardsOf(epoch)
    const from = window * this.#buffer
    const to = from + this.#windowLength(window)
    const ranges: ShardRange[] = []
    for (let number = this.#find(starts, from); number < shards.length; number++) {
      const [start, end] = [starts[number] as number, starts[number + 1] as number]
      if (start >= to) break
      if (end === start) continue
      ranges.push({
        shard: shards[number] as number,
        from: Math.max(from, start) - start,
        to: Math.min(to, end) - start,
      })
    }
    return ranges
  }

  #windowLength(window: number): number {
    return Math.min(this.#buffer, this.length - window * this.#buffer)
  }

  #sampleAt(epoch: number, position: number): number {
    const { shards, starts } = this.#shardsOf(epoch)
    const number = this.#find(starts, position)
    return (this.#shardStarts[shards[number] as number] as number) + position - (starts[number] as number)
  }

  /** The last shard that begins at or before `position` and is not empty there. */
  #find(starts: Float64Array, position: number): number {
    let [low, high] = [0, starts.length - 2]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] as number) <= position) low = middle
      else high = middle - 1
    }
    return low
  }

  #shardsOf(epoch: number): Epoch {
    if (this.#epoch?.epoch !== epoch) {
      const shards = new Random(this.#seed, 'order', epoch).permutation(this.#shardLengths.length)
      const starts = runningSums(Array.from(shards, shard => this.#shardLengths[shard] as number))
      this.#epoch = { epoch, shards, starts }
    }
    return this.#epoch
  }

  #permutation(epoch: number, window: number): Uint32Array {
    const name = `${epoch}/${window}`
    let permutation = this.#permutations.get(name)
    if (permutation === undefined) {
      permutation = new Random(this.#seed, 'order', epoch, window).permutation(this.#windowLength(window))
      // A batch takes from few windows, one after another.
      if (this.#permutations.size >= keptPermutations) this.#permutations.clear()
      this.#permutations.set(name, permutation)
    }
    return permutation
  }
}

const keptPermutations = 16

/** 0, the first number, the sum of the first two, and so on. */
function runningSums(numbers: readonly number[]): Float64Array {
  const sums = new Float64Array(numbers.length + 1)
  for (const [index, number] of numbers.entries()) sums[index + 1] = (sums[index] as number) + number
  return sums
}
