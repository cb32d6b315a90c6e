/** Numbers with a name and a shape: what a checkpoint holds of a model or an optimizer. */
export interface NamedArray {
  readonly name: string
  readonly shape: readonly number[]
  readonly values: Float32Array
}
