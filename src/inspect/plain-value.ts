import { describeError } from '../errors/chronograd-error.ts'

/** How much of a value is told. What is left out is said where it would stand. */
export interface ValueLimits {
  /** Levels of objects within objects. */
  readonly depth: number
  /** Properties of one object, items of one list. */
  readonly breadth: number
  /** Characters of one text. */
  readonly text: number
  /** Values in all. */
  readonly values: number
}

/** What a message tells of an event or of a context: some ten kilobytes at most. */
export const payloadLimits: ValueLimits = { depth: 8, breadth: 100, text: 2_000, values: 1_000 }

/**
 * A value as JSON has it: without cycles, functions as `{ type: name }`, what JSON lacks as text, and cut where it is
 * larger than the limits. Whatever the value is, its cost is bounded, and nothing is thrown.
 *
 * @param functions what stands for a function
 */
export function plainValue(
  value: unknown,
  limits: ValueLimits = payloadLimits,
  functions: (given: (...values: never) => unknown) => unknown = given => ({ type: given.name }),
): unknown {
  let left = limits.values
  const ancestors = new Set<object>()

  const plain = (given: unknown, depth: number): unknown => {
    if (left-- <= 0) return '[left out: too large]'
    switch (typeof given) {
      case 'string':
        return cutText(given, limits.text)
      case 'number':
        return Number.isFinite(given) ? given : String(given)
      case 'bigint':
        return `${given}n`
      case 'symbol':
        return String(given)
      case 'function':
        return functions(given as (...values: never) => unknown)
      case 'object':
        return given === null ? null : plainObject(given, depth)
      default:
        return given
    }
  }

  const plainObject = (given: object, depth: number): unknown => {
    if (ancestors.has(given)) return '[Circular]'
    if (depth >= limits.depth) return Array.isArray(given) ? '[Array]' : '[Object]'
    ancestors.add(given)
    try {
      if ('toJSON' in given && typeof given.toJSON === 'function') return plain(given.toJSON(), depth + 1)
      if (given instanceof Error) return plain({ name: given.name, message: given.message }, depth)
      if (given instanceof ArrayBuffer || given instanceof SharedArrayBuffer) return `[${given.byteLength} bytes]`
      if (given instanceof Map) return { '[Map]': items(given, given.size, depth) }
      if (given instanceof Set) return { '[Set]': items(given, given.size, depth) }
      if (Array.isArray(given)) return items(given, given.length, depth)
      if (ArrayBuffer.isView(given)) {
        const list =
          given instanceof DataView ? new Uint8Array(given.buffer, given.byteOffset, given.byteLength) : given
        return items(list as Uint8Array, (list as Uint8Array).length, depth)
      }
      return properties(given, depth)
    } catch (error) {
      return `[cannot be read: ${cutText(describeError(error), 200)}]`
    } finally {
      ancestors.delete(given)
    }
  }

  const items = (given: Iterable<unknown>, length: number, depth: number): unknown[] => {
    const told: unknown[] = []
    for (const item of given) {
      if (told.length === limits.breadth || left <= 0) {
        told.push(`[${length - told.length} more]`)
        break
      }
      told.push(plain(item, depth + 1) ?? null)
    }
    return told
  }

  const properties = (given: object, depth: number): Record<string, unknown> => {
    // Without a prototype, so that a property called `__proto__` is one like any other.
    const told: Record<string, unknown> = Object.create(null)
    const names = Object.keys(given)
    for (const [index, name] of names.entries()) {
      if (index === limits.breadth || left <= 0) {
        told['…'] = `[${names.length - index} more]`
        break
      }
      told[name] = plain((given as Record<string, unknown>)[name], depth + 1)
    }
    return told
  }

  return plain(value, 0)
}

function cutText(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)} [${text.length - most} more characters]`
}
