/** Where a parameter's values are found in a file that another program has written. */
export interface WeightOrigin {
  /** The arrays' names. Several are joined along their first axis, as queries, keys and values are. */
  readonly arrays: readonly string[]
  /**
   * How the file's axes lie. `pytorch` turns kernels of layers, [outputs, inputs], and of convolutions, [outputs, inputs,
   * height, width], into ours, where inputs come before outputs and those come last; `same` leaves every array as it is.
   */
  readonly layout: 'pytorch' | 'same'
}

/**
 * Says where each parameter's values come from, by the parameter's name: an array's name, with PyTorch's layout, or the
 * origin in full. A parameter of which it says nothing keeps its values.
 *
 * @example
 * const map: WeightMap = name => ({ 'image.stem.kernel': 'conv1.weight' })[name]
 */
export type WeightMap = (parameter: string) => string | WeightOrigin | undefined

/** The origin in full. */
export function originOf(found: string | WeightOrigin): WeightOrigin {
  return typeof found === 'string' ? { arrays: [found], layout: 'pytorch' } : found
}
