/** Two steps: while the threads make the first, they have the second to go on with, whenever this thread looks up next. */
const stepsAhead = 2

/** Makes what belongs to a step, and while that is used what belongs to the steps after it. */
export class MadeAhead<Made> {
  readonly #make: (step: number) => Promise<Made>
  readonly #begun = new Map<number, Promise<Made>>()

  constructor(make: (step: number) => Promise<Made>) {
    this.#make = make
  }

  /** What belongs to `step`, which was begun already where one of the two steps before it was asked for last. */
  async get(step: number): Promise<Made> {
    const last = step + stepsAhead
    for (const other of this.#begun.keys()) if (other < step || other > last) this.#begun.delete(other)
    for (let next = step; next <= last; next++) this.#begin(next)
    const made = await this.#begin(step)
    // A step of training keeps this thread busy. Before that, what the next steps need is asked of the other threads.
    await new Promise(setImmediate)
    return made
  }

  /** Forgets what was begun. */
  clear(): void {
    this.#begun.clear()
  }

  #begin(step: number): Promise<Made> {
    const begun = this.#begun.get(step)
    if (begun !== undefined) return begun
    const made = this.#make(step)
    // Whoever asks for it gets its error; until then it is nobody's.
    made.catch(() => undefined)
    this.#begun.set(step, made)
    return made
  }
}
