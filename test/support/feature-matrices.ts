import type { FeatureMatrix, GroupedFeatures } from '../../src/learning/metrics/feature-matrix.ts'
import { Random } from '../../src/random/random.ts'

/** A feature matrix of these rows. */
export function matrix(rows: readonly (readonly number[])[], dimension = rows[0]?.length ?? 2): FeatureMatrix {
  return { values: Float32Array.from(rows.flat()), rows: rows.length, dimension }
}

export function grouped(features: FeatureMatrix, groups: Iterable<number>): GroupedFeatures {
  return { features, groups: Int32Array.from(groups) }
}

/** Rows of length 1 in random directions; the same for the same seed. */
export function unitRows(rows: number, dimension: number, seed: number): FeatureMatrix {
  const random = new Random(seed, 'bench')
  const vectors = Array.from({ length: rows }, () => {
    const vector = Array.from({ length: dimension }, () => random.normal())
    const length = Math.hypot(...vector)
    return vector.map(value => value / length)
  })
  return matrix(vectors, dimension)
}

/** The whole similarity matrix, a row for each row of `one`, summed in float64. */
export function similarities(one: FeatureMatrix, other: FeatureMatrix): number[][] {
  return Array.from({ length: one.rows }, (_, row) =>
    Array.from({ length: other.rows }, (_, column) => {
      let sum = 0
      for (let axis = 0; axis < one.dimension; axis++) {
        const [x, y] = [one.values[row * one.dimension + axis], other.values[column * one.dimension + axis]]
        sum += (x as number) * (y as number)
      }
      return sum
    }),
  )
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
