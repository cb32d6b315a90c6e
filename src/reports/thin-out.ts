/** Points in the order of their steps. */
export interface OrderedPoints {
  readonly steps: Float64Array
  readonly values: Float64Array
}

/** The points in the order of their steps; those of one step stay in theirs. */
export function inOrder(steps: ArrayLike<number>, values: ArrayLike<number>): OrderedPoints {
  let sorted = true
  for (let index = 1; index < steps.length && sorted; index++) sorted = (steps[index - 1] ?? 0) <= (steps[index] ?? 0)
  if (sorted) return { steps: new Float64Array(steps), values: new Float64Array(values) }
  const order = Uint32Array.from(steps, (_, index) => index).sort(
    (one, other) => (steps[one] ?? 0) - (steps[other] ?? 0),
  )
  return {
    steps: Float64Array.from(order, index => steps[index] ?? Number.NaN),
    values: Float64Array.from(order, index => values[index] ?? Number.NaN),
  }
}

/**
 * Leaves out points that a picture cannot show: of every stretch of steps, which is about a pixel wide, the lowest and
 * the highest value stay, so that no spike is lost. A stretch without a finite value stays a gap.
 *
 * @param stretches how many stretches there are; up to twice as many points come through untouched
 */
export function thinOut(points: OrderedPoints, stretches: number): OrderedPoints {
  const { steps, values } = points
  if (steps.length <= 2 * stretches) return points
  const first = steps[0] ?? 0
  const width = ((steps.at(-1) ?? 0) - first) / stretches
  const kept: number[] = []
  let from = 0
  while (from < steps.length) {
    const stretch = stretchOf(steps[from] ?? 0, first, width)
    let [lowest, highest, to] = [-1, -1, from]
    for (; to < steps.length && stretchOf(steps[to] ?? 0, first, width) === stretch; to++) {
      const value = values[to] ?? Number.NaN
      if (!Number.isFinite(value)) continue
      if (lowest < 0 || value < (values[lowest] ?? 0)) lowest = to
      if (highest < 0 || value > (values[highest] ?? 0)) highest = to
    }
    if (lowest < 0) kept.push(from)
    else if (lowest === highest) kept.push(lowest)
    else kept.push(Math.min(lowest, highest), Math.max(lowest, highest))
    from = to
  }
  return {
    steps: Float64Array.from(kept, index => steps[index] ?? Number.NaN),
    values: Float64Array.from(kept, index => values[index] ?? Number.NaN),
  }
}

function stretchOf(step: number, first: number, width: number): number {
  return width > 0 ? Math.floor((step - first) / width) : 0
}
