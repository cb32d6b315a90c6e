import type { TrainingEvent, TrainingEventType } from '../../events/training-events.ts'
import { type FieldDifference, factDifference, type RepeatableFact } from '../../history/fact-difference.ts'
import type { RepeatableEvent } from '../../history/repetitions.ts'

/** A fact of the log that did not come out the same when it was done again. */
export interface ReexecutedDifference {
  readonly step: number
  readonly type: TrainingEventType
  /** The event's version in the run's log. */
  readonly version: number
  /** The first field that differs, such as `loss` or `metrics.textToImageRecallAt1`. */
  readonly field: string
  /** What the log says, and what was computed now; undefined where there is nothing. */
  readonly logged: unknown
  readonly computed: unknown
}

/** How many facts of each kind were compared. */
export interface ComparedFacts {
  readonly steps: number
  readonly evaluations: number
  readonly observations: number
  readonly checkpoints: number
}

const kinds = {
  'step.completed': 'steps',
  'step.skipped': 'steps',
  'evaluation.completed': 'evaluations',
  'parameters.observed': 'observations',
  'gradients.observed': 'observations',
  'checkpoint.saved': 'checkpoints',
} as const

/** Compares the facts of a log with those that come out now, and keeps count. */
export class Comparison {
  readonly #compared = { steps: 0, evaluations: 0, observations: 0, checkpoints: 0 }
  #expected: readonly string[] = []
  #everExpected: readonly string[] = []
  #differing = 0
  #first: ReexecutedDifference | undefined
  #failed = false

  get compared(): ComparedFacts {
    return { ...this.#compared }
  }

  /** How many facts differ. */
  get differing(): number {
    return this.#differing
  }

  /** The first difference that should not be; where there is none, the first of those that were to be expected. */
  get firstDifference(): ReexecutedDifference | undefined {
    return this.#first
  }

  /** Whether something differs that should not. */
  get failed(): boolean {
    return this.#failed
  }

  /** Why differences are to be expected from now on; empty where there should be none. */
  get expected(): readonly string[] {
    return this.#expected
  }

  set expected(reasons: readonly string[]) {
    this.#expected = reasons
    this.#everExpected = [...new Set([...this.#everExpected, ...reasons])]
  }

  /** Why differences were to be expected, at some step or other. */
  get everExpected(): readonly string[] {
    return this.#everExpected
  }

  /** @param computed what came out now; undefined for nothing of the kind */
  facts(logged: RepeatableEvent, computed: RepeatableFact | undefined): void {
    this.#compared[kinds[logged.type]]++
    const nothing = { field: 'type', one: logged.type, other: undefined }
    this.difference(logged, logged.data.step, computed === undefined ? nothing : factDifference(logged, computed))
  }

  /** Takes note of a difference between an event and what came out now, where there is one. */
  difference({ type, version }: TrainingEvent, step: number, difference: FieldDifference | undefined): void {
    if (difference === undefined) return
    this.#differing++
    const unexpected = this.#expected.length === 0
    if (this.#first === undefined || (unexpected && !this.#failed)) {
      const { field, one, other } = difference
      this.#first = { step, type, version, field, logged: one, computed: other }
    }
    this.#failed ||= unexpected
  }
}
