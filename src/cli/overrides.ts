import { UsageError } from './usage-error.ts'

type Fields = Readonly<Record<string, unknown>>

/**
 * Settings with some of them replaced, as `--set optimizer.learningRate=1e-3` asks. A value is read as JSON where it is
 * JSON, and as text otherwise. Whether there are such settings is for their schema to say.
 *
 * @throws UsageError when an assignment is not of the form `key=value`, or its key leads into something that has no fields
 */
export function withOverrides(settings: object, assignments: readonly string[]): object {
  let changed = settings as Fields
  for (const assignment of assignments) {
    const equals = assignment.indexOf('=')
    const keys = assignment.slice(0, equals).split('.')
    if (equals < 1 || keys.includes('')) {
      throw new UsageError(
        `"${assignment}" is no assignment; --set takes key=value, such as --set optimizer.learningRate=1e-3.`,
      )
    }
    // Assigned to, this name is no field but the object's prototype, which no schema sees.
    if (keys.includes('__proto__'))
      throw new UsageError(`"${assignment}" cannot be followed: there is no setting "__proto__".`)
    changed = replaced(changed, keys, parseValue(assignment.slice(equals + 1)), assignment)
  }
  return changed
}

function replaced(fields: Fields, [key = '', ...rest]: readonly string[], value: unknown, assignment: string): Fields {
  if (rest.length === 0) return { ...fields, [key]: value }
  const inner = (Object.hasOwn(fields, key) ? fields[key] : undefined) ?? {}
  if (typeof inner !== 'object' || Array.isArray(inner)) {
    throw new UsageError(`"${assignment}" cannot be followed: ${key} is not a group of settings.`)
  }
  return { ...fields, [key]: replaced(inner as Fields, rest, value, assignment) }
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
