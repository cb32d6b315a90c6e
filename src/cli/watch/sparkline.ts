/** A series as it is drawn: values at rising steps. What is no number is a gap. */
export interface DrawnPoints {
  readonly steps: readonly number[]
  readonly values: readonly (number | null)[]
}

/** The first and the last step that a chart shows. */
export interface StepRange {
  readonly from: number
  readonly to: number
}

const blocks = [...' ▁▂▃▄▅▆▇█']
const levels = blocks.length - 1

/**
 * What each column of a chart shows of a series: the mean of what was measured in its steps, and where nothing was, what was
 * measured last before. So all charts of a run have one axis, whether a series has a value a step or one an epoch.
 *
 * @returns a value for each column; NaN for a gap, where nothing was measured yet or nothing that is a number
 */
export function columnValues(points: DrawnPoints, { from, to }: StepRange, columns: number): number[] {
  const drawn: number[] = []
  const columnOf = (step: number) => Math.floor(((step - from) / (to - from + 1)) * columns)
  let place = 0
  let held = Number.NaN
  for (let column = 0; column < columns; column++) {
    let [measured, finite, mean] = [0, 0, 0]
    for (; place < points.steps.length && columnOf(points.steps[place] ?? 0) <= column; place++) {
      measured++
      const value = points.values[place] ?? Number.NaN
      if (Number.isFinite(value)) mean += (value - mean) / ++finite
    }
    if (measured > 0) held = finite > 0 ? mean : Number.NaN
    drawn.push(held)
  }
  return drawn
}

/**
 * Draws values as bars of block characters, a character each: from the lowest, which is one eighth of a row, to the highest,
 * which fills all rows. Where all are the same they are half as high. What is not finite is a gap.
 *
 * @returns the rows, from the top
 *
 * @example
 * sparkline([1, 2, Number.NaN, 3]) // ['▁▅ █']
 */
export function sparkline(values: readonly number[], rows = 1): string[] {
  const finite = values.filter(Number.isFinite)
  // Halved, so that the difference of the largest numbers there are is one, too.
  const lowest = finite.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY) / 2
  const span = finite.reduce((one, other) => Math.max(one, other), Number.NEGATIVE_INFINITY) / 2 - lowest
  const heights = values.map(value => {
    if (!Number.isFinite(value)) return 0
    return span === 0 ? (rows * levels) / 2 : 1 + Math.round(((value / 2 - lowest) / span) * (rows * levels - 1))
  })
  return Array.from({ length: rows }, (_, row) => {
    const below = (rows - 1 - row) * levels
    return heights.map(height => blocks[Math.min(Math.max(height - below, 0), levels)]).join('')
  })
}
