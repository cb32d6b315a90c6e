import type { Colours } from './use-colours.ts'

/** How every axis looks. */
export function axisStyle(colours: Colours) {
  return {
    axisLine: { lineStyle: { color: colours.line } },
    axisLabel: { color: colours.quiet, fontSize: 11, hideOverlap: true },
    splitLine: { lineStyle: { color: colours.line, opacity: 0.35 } },
  }
}

/** A number for an axis, as short as it is told apart from its neighbours. */
export function axisNumber(value: number): string {
  const size = Math.abs(value)
  if (value !== 0 && (size < 1e-3 || size >= 1e6))
    return Number(value.toPrecision(4)).toExponential().replace('e+', 'e')
  return String(Number(value.toPrecision(6)))
}
