import { guardName } from '../statecharts/statechart.ts'
import { plainValue, type ValueLimits } from './plain-value.ts'

const definitionLimits: ValueLimits = { depth: 60, breadth: 2_000, text: 5_000, values: 100_000 }

const known = new WeakMap<object, string>()

/**
 * The definition of an actor's logic as Stately's messages have it: the configuration of a machine as JSON, functions by
 * their names; only a name for other logic. Each machine's is made once.
 */
export function definitionOf(logic: unknown, name: string): string {
  const config = configurationOf(logic)
  if (config === undefined) return JSON.stringify({ id: name })
  const definition = known.get(config) ?? JSON.stringify(plainValue(config, definitionLimits, functionName))
  known.set(config, definition)
  return definition
}

/** The configuration that a machine was made of; undefined for what is no machine. */
export function configurationOf(logic: unknown): { readonly id?: unknown } | undefined {
  if (typeof logic !== 'object' || logic === null || !('config' in logic)) return undefined
  const { config } = logic
  // Logic made of a promise, a callback or an observable has the function as its configuration.
  return typeof config === 'object' && config !== null ? config : undefined
}

/** What `and`, `or` and `not` are made of is told too. */
function functionName(given: (...values: never) => unknown): { type: string } {
  const name = guardName(given)
  return { type: name === '(inline)' ? given.name : name }
}
