import { setTimeout } from 'node:timers/promises'
import { Subject } from 'rxjs'
import { type ActorRefFrom, type SnapshotFrom, transition } from 'xstate'
import { trainerMachine } from '../../machines/trainer.ts'
import type { RecordedEvent } from '../events/recorded-event.ts'
import { isTrainingEvent, type TrainingEvent, type TrainingFact } from '../events/training-events.ts'
import { faultPoint } from '../faults/fault-point.ts'
import { ConcurrencyError } from '../journal/expected-version.ts'
import { account, type FoldResult, snapshotInterval } from '../journal/fold.ts'
import type { Journal } from '../journal/journal.ts'
import { JournalWriteError } from '../journal/journal-errors.ts'
import type { Track } from '../profile/track.ts'

/** How long to wait before a full disk is tried again, in milliseconds. */
const lookForRoomEvery = 1_000

/** A fact, and where it must happen only once the id that says so. */
type NamedFact = TrainingFact & { readonly id?: string }

/** The actor that a run's life is lived in. */
export type TrainerActor = ActorRefFrom<typeof trainerMachine>

/**
 * The one way in which anything happens to a run: a fact is appended to the journal, and when it is committed it
 * reaches the machine, and after that whoever listens.
 */
export class RunLog {
  readonly stream: string
  /** The run's facts as they happen, each after the machine has taken it. */
  readonly events$ = new Subject<TrainingEvent>()
  readonly #journal: Journal
  readonly #actor: TrainerActor
  readonly #subscription
  readonly #stops
  readonly #onNotice: (sentence: string) => void
  readonly #track: Track | undefined
  #folded: FoldResult<typeof trainerMachine>
  #last: RecordedEvent | undefined
  /** Whether the run was asked to stop, so that it does not wait for anything any more. */
  #stopping = false
  /** The append that waits for room, where one does. */
  #waiting: Promise<void> | undefined
  /** How long training stood still for want of room, in milliseconds, where the log has not been told yet. */
  #stoodStill = 0

  /**
   * @param options `onNotice` is told when training has to wait for room on the disk, and when there is some; `track`
   *   is told when facts are appended and listeners hear of them
   */
  constructor(
    journal: Journal,
    stream: string,
    actor: TrainerActor,
    folded: FoldResult<typeof trainerMachine>,
    {
      onNotice = () => {},
      track,
    }: { onNotice?: ((sentence: string) => void) | undefined; track?: Track | undefined } = {},
  ) {
    this.stream = stream
    this.#journal = journal
    this.#actor = actor
    // The actor's own snapshot: by whether it is still the same one is seen that an event moved nothing.
    this.#folded = { ...folded, snapshot: actor.getSnapshot() }
    this.#onNotice = onNotice
    this.#track = track
    this.#stops = actor.on('accepted', ({ command }) => {
      this.#stopping ||= command === 'stop'
    })
    this.#subscription = journal.appended$.subscribe(event => {
      if (event.stream === stream) this.#follow(event)
    })
  }

  get state(): SnapshotFrom<typeof trainerMachine> {
    return this.#actor.getSnapshot()
  }

  /** The run's version: that of the last event which the machine has taken. */
  get version(): number {
    return this.#folded.version
  }

  /**
   * Appends facts, all or none, in the belief that nobody else trains the run. What other processes add without
   * training it, such as a diagnosis drawn by a subscriber there, is taken in first.
   *
   * While the disk is full it waits: what has been computed is not thrown away, and nothing is computed meanwhile. The
   * pause is told to the log as soon as it can be.
   *
   * @throws ConcurrencyError when another process has trained the run
   * @throws JournalWriteError when the disk refuses, or is full and the run was asked to stop
   */
  async append(facts: readonly NamedFact[]): Promise<void> {
    if (facts.length === 0) return
    // Whoever comes while somebody waits for room, waits behind: what happened first is told first, and it is said once.
    while (this.#waiting !== undefined) await this.#waiting.catch(() => {})
    try {
      this.#appendWithPause(facts)
    } catch (error) {
      if (!this.#isWaitedFor(error)) throw error
      this.#waiting = this.#appendWithRoom(facts, error).finally(() => {
        this.#waiting = undefined
      })
      await this.#waiting
    }
  }

  async #appendWithRoom(facts: readonly NamedFact[], full: JournalWriteError): Promise<void> {
    const began = performance.now()
    this.#onNotice(`The disk is full, so training stands still until there is room: ${full.message}`)
    for (let waits = true; waits; ) {
      await setTimeout(lookForRoomEvery)
      try {
        this.#appendWithPause(facts)
        waits = false
      } catch (error) {
        if (!this.#isWaitedFor(error)) throw error
      }
    }
    this.#stoodStill = performance.now() - began
    this.#onNotice('There is room again: training goes on.')
  }

  #isWaitedFor(error: unknown): error is JournalWriteError {
    return error instanceof JournalWriteError && error.diskIsFull && !this.#stopping
  }

  #appendWithPause(facts: readonly NamedFact[]): void {
    const pause = this.#pauseToTell()
    this.#append([...pause, ...facts])
    if (pause.length > 0) this.#stoodStill = 0
  }

  #pauseToTell(): readonly TrainingFact[] {
    if (this.#stoodStill === 0) return []
    const { step } = this.state.context.progress
    const reason = `the disk was full for ${(this.#stoodStill / 1_000).toFixed(1)} s`
    const paused: TrainingFact = { type: 'run.paused', data: { step, reason } }
    return this.state.can(paused) ? [paused, { type: 'run.continued', data: { step } }] : []
  }

  #append(facts: readonly NamedFact[]): void {
    // What comes before the first attempt has begun belongs to it.
    const attempt = Math.max(1, this.state.context.attempt)
    const events = facts.map(fact => ({ ...fact, meta: { attempt: attemptOf(fact) ?? attempt } }))
    this.#track?.begin('journal')
    try {
      for (;;) {
        this.#assertLegal(facts)
        try {
          this.#journal.append(this.stream, events, { expectedVersion: this.version })
          return
        } catch (error) {
          if (!(error instanceof ConcurrencyError) || !this.#takeForeign()) throw error
        }
      }
    } finally {
      this.#track?.end('journal')
    }
  }

  /** Ends the listening and keeps the state that the run was left in, which a verification compares with the log. */
  close(): void {
    if (this.#subscription.closed) return
    this.#subscription.unsubscribe()
    this.#stops.unsubscribe()
    if (this.#last !== undefined) this.#keepState(this.#last)
    this.events$.complete()
  }

  /** A fact that the lifecycle would refuse is a fault of ours: better none than one that no fold can follow. */
  #assertLegal(facts: readonly TrainingFact[]): void {
    let snapshot = this.state
    for (const [index, fact] of facts.entries()) {
      // Going on costs far more than asking, and after the last one there is nothing more to ask.
      const previous = facts[index - 1]
      if (previous !== undefined) snapshot = transition(trainerMachine, snapshot, previous)[0]
      if (!snapshot.can(fact)) {
        throw new Error(`The run is ${snapshot.value}, which refuses ${fact.type}; please report this.`)
      }
    }
  }

  /** @returns whether there was anything to take, and all of it was such as anybody may add */
  #takeForeign(): boolean {
    const before = this.version
    for (const event of this.#journal.read({ stream: this.stream, after: before })) {
      if (isTrainingEvent(event) && event.type !== 'diagnosis.raised') return false
      this.#take(event)
    }
    return this.version > before
  }

  #follow(event: RecordedEvent): void {
    if (event.version > this.version + 1) this.#takeForeign()
    if (event.version === this.version + 1) this.#take(event)
  }

  #take(event: RecordedEvent): void {
    this.#actor.send(event as TrainingEvent)
    this.#folded = account(trainerMachine, this.#folded, event, this.state)
    this.#last = event
    if (event.version % snapshotInterval === 0) this.#keepState(event)
    if (!isTrainingEvent(event)) return
    this.#track?.begin('listeners')
    this.events$.next(event)
    this.#track?.end('listeners')
  }

  #keepState(event: RecordedEvent): void {
    try {
      this.#journal.saveSnapshot(trainerMachine, this.#folded, event)
      faultPoint('state.kept')
    } catch (error) {
      // The log is what counts: without room for the state, a later fold takes longer, and that is all.
      if (!(error instanceof JournalWriteError)) throw error
    }
  }
}

/** A fact that begins an attempt belongs to it already. */
function attemptOf(fact: TrainingFact): number | undefined {
  return fact.type === 'run.started' || fact.type === 'run.resumed' ? fact.data.attempt : undefined
}
