/** How an array of a file becomes a parameter's values: its axes in the order in which the parameter has them. */
export interface ArrayLayout {
  /** The shape that the file's array, or several joined along the first axis, must have. */
  readonly shape: readonly number[]
  /** For each of the parameter's axes, the file's. */
  readonly order: readonly number[]
}

/**
 * How a parameter lies in a file that PyTorch has written, or in one that has our layout.
 *
 * @param name the parameter's: what ends with `kernel` is turned, if PyTorch wrote it
 * @param shape the parameter's
 */
export function arrayLayout(name: string, shape: readonly number[], layout: 'pytorch' | 'same'): ArrayLayout {
  const isKernel = layout === 'pytorch' && /(^|\.)kernel$/.test(name)
  const inFile = isKernel ? pytorchAxes(shape.length) : shape.map((_, axis) => axis)
  return {
    shape: inFile.map(axis => shape[axis] ?? 1),
    order: shape.map((_, axis) => inFile.indexOf(axis)),
  }
}

/** Our axes in PyTorch's order: [height, width, inputs, outputs] as [outputs, inputs, height, width], [inputs, outputs] turned. */
function pytorchAxes(rank: number): number[] {
  if (rank === 4) return [3, 2, 0, 1]
  if (rank === 2) return [1, 0]
  return Array.from({ length: rank }, (_, axis) => axis)
}

/** The values of an array with its axes in another order. */
export function reorderAxes(values: Float32Array, { shape, order }: ArrayLayout): Float32Array {
  if (order.every((axis, place) => axis === place)) return values
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, side) => product * side, 1))
  const sides = order.map(axis => shape[axis] ?? 1)
  const steps = order.map(axis => strides[axis] ?? 1)
  const turned = new Float32Array(values.length)
  const counters = sides.map(() => 0)
  let source = 0
  for (let target = 0; target < turned.length; target++) {
    turned[target] = values[source] ?? 0
    for (let axis = sides.length - 1; axis >= 0; axis--) {
      const step = steps[axis] ?? 0
      counters[axis] = (counters[axis] ?? 0) + 1
      source += step
      if ((counters[axis] ?? 0) < (sides[axis] ?? 0)) break
      source -= step * (sides[axis] ?? 0)
      counters[axis] = 0
    }
  }
  return turned
}
