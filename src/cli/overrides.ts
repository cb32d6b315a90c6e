import { UsageError } from './usage-error.ts'

/**
 * Settings with some of them replaced, as `--set optimizer.learningRate=1e-3` asks. A value is read as JSON where it is
 * JSON, and as text otherwise.
 *
 * @throws UsageError when an assignment is not of the form `key=value`, or its key leads into something that has no fields
 */
export function withOverrides<Settings extends object>(settings: Settings, assignments: readonly string[]): Settings {
  const changed = structuredClone(settings) as Record<string, unknown>
  for (const assignment of assignments) {
    const equals = assignment.indexOf('=')
    const keys = assignment.slice(0, equals).split('.')
    const last = keys.pop()
    if (equals < 1 || !last || keys.includes('')) {
      throw new UsageError(`--set takes key=value, such as --set optimizer.learningRate=1e-3, not "${assignment}".`)
    }
    fieldsAt(changed, keys, assignment)[last] = parseValue(assignment.slice(equals + 1))
  }
  return changed as Settings
}

function fieldsAt(settings: Record<string, unknown>, keys: readonly string[], assignment: string) {
  let fields = settings
  for (const key of keys) {
    const inner = Object.hasOwn(fields, key) ? (fields[key] ?? {}) : {}
    if (typeof inner !== 'object' || Array.isArray(inner)) {
      throw new UsageError(`--set ${assignment} cannot be followed: ${key} is not a group of settings.`)
    }
    Object.defineProperty(fields, key, { value: inner, writable: true, enumerable: true, configurable: true })
    fields = inner as Record<string, unknown>
  }
  return fields
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
