import { readReal, type WrittenReal, writeReal } from '../events/real.ts'

/** Named numbers as JSON text in which also those survive that JSON has no word for. */
export function writeValues(values: Readonly<Record<string, number>>): string {
  for (const name of Object.keys(values)) {
    const value = values[name]
    if (!Number.isFinite(value) || Object.is(value, -0)) {
      return JSON.stringify(Object.fromEntries(Object.entries(values).map(([key, each]) => [key, writeReal(each)])))
    }
  }
  return JSON.stringify(values)
}

/** The named numbers that {@link writeValues} wrote. */
export function readValues(text: string): Record<string, number> {
  const values = JSON.parse(text) as Record<string, number | WrittenReal>
  for (const [name, value] of Object.entries(values)) {
    if (typeof value !== 'number') values[name] = readReal(value)
  }
  return values as Record<string, number>
}
