import type { TrainingEvent, TrainingEventType } from '../events/training-events.ts'
import type { Journal } from '../journal/journal.ts'
import type { Attempt } from './attempts.ts'
import type { RepeatableType } from './fact-difference.ts'
import { firstFrom, lastOf } from './find-step.ts'
import { savingOf } from './saving-of.ts'

/** A fact that comes out the same whenever the same training is done again, as the log holds it. */
export type RepeatableEvent = TrainingEvent<RepeatableType>

/** What an attempt tells of one step: what was observed in it, the step itself, and what was measured and saved after it. */
export interface StepFacts {
  readonly attempt: Attempt
  readonly step: number
  readonly events: readonly RepeatableEvent[]
}

/**
 * What is read to find them: facts that come in the order of the steps. That a checkpoint is saved may be told some steps
 * later, so it is looked for where it was captured.
 */
const readTypes = [
  'parameters.observed',
  'gradients.observed',
  'step.completed',
  'step.skipped',
  'evaluation.completed',
  'checkpoint.captured',
] as const satisfies readonly TrainingEventType[]

type ReadEvent = TrainingEvent<(typeof readTypes)[number]>

/** A step that was done twice. */
export interface Repetition {
  readonly before: StepFacts
  readonly again: StepFacts
}

/**
 * Steps that a run's attempts did more than once, read side by side from two places of the log: each that a resumed
 * attempt did again, beside the latest one that had done it before. Memory is flat however long the log is, and nothing
 * but what was repeated is read.
 */
export class Repetitions {
  readonly #journal: Journal
  readonly #stream: string
  readonly #attempts: readonly Attempt[]
  readonly #lastSteps: readonly number[]

  constructor(journal: Journal, stream: string, attempts: readonly Attempt[]) {
    this.#journal = journal
    this.#stream = stream
    this.#attempts = attempts
    this.#lastSteps = attempts.map(attempt => lastOf(journal, stream, attempt, readTypes)?.data.step ?? attempt.step)
  }

  /**
   * The steps of the attempt at an index that earlier ones had done.
   *
   * @param isAmong which of the earlier ones count; all unless given
   */
  *of(index: number, isAmong: (earlier: number) => boolean = () => true): Generator<Repetition, void, undefined> {
    const attempt = this.#attempts[index]
    if (attempt === undefined) return
    const earlier = this.#done(index - 1, attempt.step, isAmong)
    try {
      let before = earlier.next()
      for (const again of this.#facts(attempt, attempt.step)) {
        while (!before.done && before.value.step < again.step) before = earlier.next()
        if (before.done) return
        if (before.value.step === again.step) yield { before: before.value, again }
      }
    } finally {
      earlier.return()
    }
  }

  /** The attempt, before the one at an index, that did a step last; undefined where none did. */
  whoDid(step: number, index: number): number | undefined {
    for (let earlier = index - 1; earlier >= 0; earlier--) {
      const attempt = this.#attempts[earlier]
      if (attempt !== undefined && attempt.step < step && step <= (this.#lastSteps[earlier] ?? 0)) return earlier
    }
    return undefined
  }

  /** Every step beyond `after` that had been done when the attempt at an index ended, as it was done last. */
  *#done(index: number, after: number, isAmong: (index: number) => boolean): Generator<StepFacts, void, undefined> {
    const attempt = this.#attempts[index]
    if (attempt === undefined) return
    if (!isAmong(index)) return yield* this.#done(index - 1, after, isAmong)
    let last = after
    if (after < attempt.step) {
      for (const facts of this.#done(index - 1, after, isAmong)) {
        if (facts.step > attempt.step) break
        yield facts
      }
      last = attempt.step
    }
    if (last < (this.#lastSteps[index] ?? 0)) {
      yield* this.#facts(attempt, last)
      last = this.#lastSteps[index] ?? 0
    }
    yield* this.#done(index - 1, last, isAmong)
  }

  /** What an attempt tells of its steps beyond one, step by step. */
  *#facts(attempt: Attempt, after: number): Generator<StepFacts, void, undefined> {
    let events: RepeatableEvent[] = []
    let step = Number.NaN
    for (const event of this.#read(attempt, this.#versionBeyond(attempt, after) - 1)) {
      if (event.data.step !== step) {
        if (events.length > 0 && step > after) yield { attempt, step, events }
        events = []
        step = event.data.step
      }
      const repeatable =
        event.type === 'checkpoint.captured' ? savingOf(this.#journal, event, attempt.lastVersion) : event
      if (repeatable !== undefined) events.push(repeatable)
    }
    if (events.length > 0 && step > after) yield { attempt, step, events }
  }

  #read({ lastVersion }: Attempt, after: number): Iterable<ReadEvent> {
    return this.#journal.read({
      stream: this.#stream,
      after,
      until: lastVersion,
      types: readTypes,
    }) as Iterable<ReadEvent>
  }

  /** The version from which on an attempt tells of steps beyond one. */
  #versionBeyond(attempt: Attempt, step: number): number {
    const first = firstFrom(this.#journal, this.#stream, attempt, step + 1, readTypes)
    return first?.version ?? attempt.lastVersion + 1
  }
}
