/** What must be known of a message to keep it. */
export interface Keepable {
  readonly kind: '@xstate.actor' | '@xstate.event' | '@xstate.snapshot'
  readonly sessionId: string
  /** Its place among all, from 1. */
  readonly number: number
  /** About how much memory it takes, in characters. */
  readonly size: number
}

/** How much is kept beside what is never let go of. */
export interface Kept {
  readonly messages: number
  readonly size: number
}

/** Ten thousand events, each with the snapshot after it, unless they take more than some 64 MB. */
export const keptUnlessGiven: Kept = { messages: 20_000, size: 32 << 20 }

/**
 * The newest messages of inspected actors. However many come, two things are never let go of: the registration of every
 * actor, and the last of its snapshots that is no longer among the newest messages. So at every kept moment it is known
 * which actors there are, and what each of them is in.
 *
 * The program keeps what its thread could not take yet in one of these, the thread what it was told, and the page what it
 * shows: a slow one loses old events, and nothing else.
 */
export class KeptMessages<Message extends Keepable> {
  readonly #most: Kept
  /** The newest, and before `#first` what was let go of and not cleared away yet. */
  #newest: Message[] = []
  #first = 0
  #size = 0
  #registrations = new Map<string, Message>()
  #earlier = new Map<string, Message>()
  #letGo = 0
  #last = 0

  constructor(most: Kept = keptUnlessGiven) {
    this.#most = most
  }

  /** How many events were let go of, or were never told. */
  get letGo(): number {
    return this.#letGo
  }

  /** How many there are that may be let go of. */
  get length(): number {
    return this.#newest.length - this.#first
  }

  /** The number of the last message; 0 before the first. */
  get last(): number {
    return this.#last
  }

  /** So many events are not told at all. */
  leaveOut(events: number): void {
    this.#letGo += events
  }

  add(message: Message): void {
    this.#last = message.number
    if (message.kind === '@xstate.actor') {
      this.#registrations.set(message.sessionId, message)
      return
    }
    this.#newest.push(message)
    this.#size += message.size
    while (this.length > 1 && (this.length > this.#most.messages || this.#size > this.#most.size)) this.#letOneGo()
    if (this.#first > this.length) {
      this.#newest = this.#newest.slice(this.#first)
      this.#first = 0
    }
  }

  /** The registration of every actor, in the order in which they came. */
  get registrations(): Iterable<Message> {
    return this.#registrations.values()
  }

  registration(sessionId: string): Message | undefined {
    return this.#registrations.get(sessionId)
  }

  /** Of each actor the last snapshot before the newest messages, where it had one. */
  get earlier(): ReadonlyMap<string, Message> {
    return this.#earlier
  }

  /** The newest messages, the oldest first. */
  get newest(): readonly Message[] {
    return this.#newest.slice(this.#first)
  }

  /** Everything that is kept and came after a message, in the order in which it came. */
  since(number: number): Message[] {
    const isLater = (message: Message) => message.number > number
    return [
      ...[...this.#registrations.values(), ...this.#earlier.values()].filter(isLater),
      ...this.newest.slice(this.#placeAfter(number)),
    ].sort((one, other) => one.number - other.number)
  }

  /** Takes everything out. */
  drain(): Message[] {
    const all = this.since(0)
    this.#newest = []
    this.#first = 0
    this.#size = 0
    this.#registrations = new Map()
    this.#earlier = new Map()
    return all
  }

  /** The place among the newest of the first after a number; numbers ascend. */
  #placeAfter(number: number): number {
    let [low, high] = [0, this.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#newest[this.#first + middle]?.number ?? 0) > number) high = middle
      else low = middle + 1
    }
    return low
  }

  #letOneGo(): void {
    const message = this.#newest[this.#first++]
    if (message === undefined) return
    this.#size -= message.size
    if (message.kind === '@xstate.snapshot') this.#earlier.set(message.sessionId, message)
    else this.#letGo++
  }
}
