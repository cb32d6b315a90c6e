import { createColors } from 'picocolors'

/** Where metrics are printed: a terminal, a file, or whatever collects text. */
export type MetricOutput = Pick<NodeJS.WritableStream, 'write'> & {
  readonly isTTY?: boolean
  readonly hasColors?: () => boolean
}

/** Wide enough for the prefixes that people give, so that lines of `train` and `val` stand below one another. */
const prefixWidth = 10
const numberWidth = 10

/**
 * One line of metrics, every number as wide as the next, so that lines of the same metrics stand below one another.
 * Coloured only where `output` is a terminal that has colours.
 */
export function metricLine(
  values: Readonly<Record<string, number>>,
  {
    prefix,
    step,
    output,
  }: { readonly prefix: string; readonly step: number | undefined; readonly output: MetricOutput },
): string {
  const colours = createColors(output.isTTY === true && (output.hasColors?.() ?? true))
  const cells = Object.entries(values).map(([name, value]) => {
    const told = formatMetric(value).padStart(numberWidth)
    return `${colours.dim(name)} ${Number.isFinite(value) ? told : colours.red(told)}`
  })
  if (step !== undefined) cells.unshift(`${colours.dim('step')} ${String(step).padStart(8)}`)
  return [colours.bold(prefix.padEnd(prefixWidth)), ...cells].join('  ').trimEnd()
}

/** A number with four places, or in powers of ten where that would hide it. */
function formatMetric(value: number): string {
  const size = Math.abs(value)
  if (Number.isInteger(value) && size < 1e9) return String(value)
  if (!Number.isFinite(value)) return String(value)
  return size >= 1e-3 && size < 1e4 ? value.toFixed(4) : value.toExponential(3)
}
