/** What is told of a run, sentence by sentence, and the versions of the events that it rests on. */
export class Account {
  readonly sentences: string[] = []
  readonly #cited = new Set<number>()

  /** Adds a sentence. */
  say(sentence: string): void {
    this.sentences.push(sentence)
  }

  /** Words for an event, which is thereby cited: `event 312`. */
  event(version: number): string {
    this.#cited.add(version)
    return `event ${version}`
  }

  /** Words for events that follow each other: `events 80 to 98`. */
  events(first: number, last: number): string {
    if (first === last) return this.event(first)
    this.#cited.add(first).add(last)
    return `events ${first} to ${last}`
  }

  /** The versions of every event that was cited, in order. */
  get cited(): readonly number[] {
    return [...this.#cited].sort((one, other) => one - other)
  }
}

/** A count with its noun: `1 step`, `2,000 steps`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`
}

/** A measured value in as few digits as tell it apart: differences of near values keep theirs. */
export function measured(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(5))) : String(value)
}
