/** The features of a whole split: `rows` × `dimension` numbers, each row of length 1. */
export interface FeatureMatrix {
  readonly values: Float32Array
  readonly rows: number
  readonly dimension: number
}

/** Features, and for each row the number of its group: rows of one group are right answers to each other. */
export interface GroupedFeatures {
  readonly features: FeatureMatrix
  readonly groups: Int32Array
}

/** One row's numbers; not a copy. */
export function featureRow({ values, dimension }: FeatureMatrix, row: number): Float32Array {
  return values.subarray(row * dimension, (row + 1) * dimension)
}

/** A matrix of the rows named, in that order. */
export function takeRows(features: FeatureMatrix, rows: ArrayLike<number>): FeatureMatrix {
  const { dimension } = features
  const values = new Float32Array(rows.length * dimension)
  for (let place = 0; place < rows.length; place++) {
    values.set(featureRow(features, rows[place] as number), place * dimension)
  }
  return { values, rows: rows.length, dimension }
}

/** Every number multiplied by `factor`; so is then every similarity to another matrix. */
export function scaleFeatures({ values, rows, dimension }: FeatureMatrix, factor: number): FeatureMatrix {
  return { values: values.map(value => value * factor), rows, dimension }
}
