import { isDeepStrictEqual } from 'node:util'

/** A place at which the values of several runs differ. */
export interface Difference {
  /** The keys that lead to it, and in lists the numbers from 0, joined by dots: `model.image.stages.0.channels`. */
  readonly path: string
  /** What each run has there, by its name. A run that has no such place is left out. */
  readonly values: Readonly<Record<string, unknown>>
}

/** What one run has at a place. */
interface Side {
  readonly run: string
  readonly value: unknown
}

/**
 * Where JSON values differ, each place as deep inside as runs that have it can be told apart there. Numbers are compared bit
 * by bit. Where one run has an object and another has none, that place is a difference, and so is every place inside at
 * which those that have it differ among themselves.
 *
 * @param values by run
 * @returns none when all are equal
 *
 * @example
 * differencesBetween({ one: { a: { b: 1 }, c: 2 }, other: { a: { b: 3 }, c: 2 } })
 * // [{ path: 'a.b', values: { one: 1, other: 3 } }]
 */
export function differencesBetween(values: Readonly<Record<string, unknown>>): Difference[] {
  return [
    ...differ(
      Object.entries(values).map(([run, value]) => ({ run, value })),
      [],
    ),
  ]
}

function* differ(sides: readonly Side[], path: readonly string[]): Generator<Difference> {
  if (sides.every(({ value }) => isDeepStrictEqual(value, sides[0]?.value))) return
  const kinds = [sides.filter(({ value }) => isGroup(value)), sides.filter(({ value }) => Array.isArray(value))]
  if (kinds.every(({ length }) => length < sides.length)) {
    const there = sides.filter(({ value }) => value !== undefined)
    yield { path: path.join('.'), values: Object.fromEntries(there.map(({ run, value }) => [run, value])) }
  }
  for (const members of kinds) {
    for (const key of new Set(members.flatMap(({ value }) => Object.keys(value as object)))) {
      const inner = members.map(({ run, value }) => ({ run, value: fieldOf(value as object, key) }))
      yield* differ(inner, [...path, key])
    }
  }
}

function isGroup(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function fieldOf(value: object, key: string): unknown {
  return Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined
}
