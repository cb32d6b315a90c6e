/** The features of a whole split: `rows` × `dimension` numbers, each row of length 1. */
export interface FeatureMatrix {
  readonly values: Float32Array
  readonly rows: number
  readonly dimension: number
}
