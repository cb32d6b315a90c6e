import { filter, Subject } from 'rxjs'
import type { ActorRefFrom, SnapshotFrom } from 'xstate'
import { trainerMachine } from '../../machines/trainer.ts'
import type { RecordedEvent } from '../events/recorded-event.ts'
import { isTrainingEvent, type TrainingEvent, type TrainingFact } from '../events/training-events.ts'
import { account, type FoldResult, snapshotInterval } from '../journal/fold.ts'
import type { Journal } from '../journal/journal.ts'

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
  #folded: FoldResult<typeof trainerMachine>

  constructor(journal: Journal, stream: string, actor: TrainerActor, folded: FoldResult<typeof trainerMachine>) {
    this.stream = stream
    this.#journal = journal
    this.#actor = actor
    this.#folded = folded
    this.#subscription = journal.appended$
      .pipe(filter(event => event.stream === stream))
      .subscribe(event => this.#take(event))
  }

  get state(): SnapshotFrom<typeof trainerMachine> {
    return this.#actor.getSnapshot()
  }

  /** The run's version: that of the last event which the machine has taken. */
  get version(): number {
    return this.#folded.version
  }

  /**
   * Appends facts, all or none, in the belief that nobody else has.
   *
   * @throws ConcurrencyError when another process has appended to the run
   */
  append(facts: readonly (TrainingFact & { readonly id?: string })[]): void {
    if (facts.length === 0) return
    // What comes before the first attempt has begun belongs to it.
    const attempt = Math.max(1, this.state.context.attempt)
    const events = facts.map(fact => ({ ...fact, meta: { attempt: attemptOf(fact) ?? attempt } }))
    this.#journal.append(this.stream, events, { expectedVersion: this.version })
  }

  close(): void {
    this.#subscription.unsubscribe()
    this.events$.complete()
  }

  #take(event: RecordedEvent): void {
    this.#actor.send(event as TrainingEvent)
    this.#folded = account(trainerMachine, this.#folded, event, this.state)
    if (event.version % snapshotInterval === 0) this.#journal.saveSnapshot(trainerMachine, this.#folded, event)
    if (isTrainingEvent(event)) this.events$.next(event)
  }
}

/** A fact that begins an attempt belongs to it already. */
function attemptOf(fact: TrainingFact): number | undefined {
  return fact.type === 'run.started' || fact.type === 'run.resumed' ? fact.data.attempt : undefined
}
