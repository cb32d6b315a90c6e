import type { TrainingData, TrainingEventType } from '../events/training-events.ts'

/** The facts that come out the same, bit by bit, whenever the same training is done again. */
export const repeatableTypes = [
  'parameters.observed',
  'gradients.observed',
  'step.completed',
  'step.skipped',
  'evaluation.completed',
  'checkpoint.saved',
] as const satisfies readonly TrainingEventType[]

export type RepeatableType = (typeof repeatableTypes)[number]

/** A fact that can be compared with its repetition. */
export type RepeatableFact = {
  [Type in RepeatableType]: { readonly type: Type; readonly data: TrainingData<Type> }
}[RepeatableType]

/** The first field in which a fact and its repetition differ. */
export interface FieldDifference {
  /** Its path, such as `loss` or `metrics.logitBias`; `type` where one is a fact of another kind. */
  readonly field: string
  /** What the one and the other have there; undefined where there is no such field. */
  readonly one: unknown
  readonly other: unknown
}

/** What a repetition may have otherwise: how long it took, and what the attempt's files are called. */
const incidental: ReadonlySet<string> = new Set(['durationMs', 'dataWaitMs', 'standstillMs', 'checkpoint', 'uri'])

/** What earlier versions did not log: where one of both lacks it, nothing can be compared. */
const addedLater: ReadonlySet<string> = new Set(['similarities'])

/**
 * Compares a fact with its repetition: every number bit by bit, so that 0 is not -0 and NaN is NaN. What need not be
 * the same is passed over: durations, the names of files, and what one of them was logged too early to have.
 *
 * @returns undefined when they are the same
 */
export function factDifference(one: RepeatableFact, other: RepeatableFact): FieldDifference | undefined {
  if (one.type !== other.type) return { field: 'type', one: one.type, other: other.type }
  for (const field of fieldsOf(one.data, other.data)) {
    if (incidental.has(field)) continue
    const [first, second]: unknown[] = [Reflect.get(one.data, field), Reflect.get(other.data, field)]
    if (addedLater.has(field) && (first === undefined || second === undefined)) continue
    const difference = valueDifference(first, second, field)
    if (difference !== undefined) return difference
  }
  return undefined
}

/** Compares two values of a field as {@link factDifference} compares facts; nothing in them is passed over. */
export function valueDifference(one: unknown, other: unknown, field: string): FieldDifference | undefined {
  if (!isObject(one) || !isObject(other)) return Object.is(one, other) ? undefined : { field, one, other }
  for (const inner of fieldsOf(one, other)) {
    const path = `${field}.${inner}`
    if (!Object.hasOwn(one, inner) || !Object.hasOwn(other, inner)) {
      return { field: path, one: Reflect.get(one, inner), other: Reflect.get(other, inner) }
    }
    const difference = valueDifference(Reflect.get(one, inner), Reflect.get(other, inner), path)
    if (difference !== undefined) return difference
  }
  return undefined
}

function fieldsOf(one: object, other: object): Set<string> {
  return new Set([...Object.keys(one), ...Object.keys(other)])
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** A value in full, as it can be typed again: every digit of a number, `-0` with its sign. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  return JSON.stringify(value)
}
