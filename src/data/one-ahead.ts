/** Makes what belongs to a step, and while that is used what belongs to the step after it. */
export class OneAhead<Made> {
  readonly #make: (step: number) => Promise<Made>
  #ahead: { readonly step: number; readonly made: Promise<Made> } | undefined

  constructor(make: (step: number) => Promise<Made>) {
    this.#make = make
  }

  /** What belongs to `step`, which was begun already where the step before it was asked for last. */
  async get(step: number): Promise<Made> {
    const current = await (this.#ahead?.step === step ? this.#ahead.made : this.#make(step))
    const made = this.#make(step + 1)
    // Whoever asks for the next one gets its error; until then it is nobody's.
    made.catch(() => undefined)
    this.#ahead = { step: step + 1, made }
    return current
  }

  /** Forgets what was begun. */
  clear(): void {
    this.#ahead = undefined
  }
}
