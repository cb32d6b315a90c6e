const moments = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
const counts = new Intl.NumberFormat()
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'short' })

/** A moment in the reader's zone and words. */
export function formatMoment(at: number): string {
  return moments.format(at)
}

const instants = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })

/** The time of day to the millisecond, where a second holds many. */
export function formatInstant(at: number): string {
  return `${instants.format(at)} .${String(at % 1000).padStart(3, '0')}`
}

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const

/** How long ago a moment was. */
export function formatAge(at: number, now = Date.now()): string {
  const passed = Math.max(0, now - at)
  const [unit, size] = units.find(([, each]) => passed >= each) ?? ['second', 1_000]
  return relative.format(-Math.floor(passed / size), unit)
}

export function formatCount(count: number): string {
  return counts.format(count)
}

/** A measured value with as many digits as a person reads; JSON's texts for what is no number stay what they are. */
export function formatValue(value: number | string): string {
  if (typeof value === 'string' || !Number.isFinite(value)) return String(value)
  if (Number.isInteger(value)) return formatCount(value)
  const size = Math.abs(value)
  return size >= 1e-3 && size < 1e4 ? String(Number(value.toPrecision(4))) : value.toExponential(2)
}

/** A name of our data as words: `earlyStopping` and `early-stopped` are `early stopping` and `early stopped`. */
export function asWords(name: string): string {
  return name.replace(/(\p{Ll})(\p{Lu})/gu, (_, before, after) => `${before} ${after.toLowerCase()}`).replace(/-/g, ' ')
}
