import type { FeatureMoments } from './feature-moments.ts'
import { symmetricEigenvalues } from './symmetric-eigenvalues.ts'

/** Variances below this share of the features' mean square are rounding, not spread. */
const resolution = 1e-10

/**
 * How many dimensions features really use (Roy and Vetterli 2007): e to the power of the entropy of the singular values
 * of the centred feature matrix, taken as shares of their sum. From 1, where all lie on a line or in one point, to
 * `dimension`, where they spread evenly in all directions. NaN where a feature is not finite.
 */
export function effectiveRank({ mean, covariance, dimension }: FeatureMoments): number {
  if (!covariance.every(Number.isFinite)) return Number.NaN
  const variances = symmetricEigenvalues(covariance, dimension)
  const meanSquare = sum(variances) + sum(mean.map(value => value ** 2))
  const singular = variances.map(variance => (variance <= resolution * meanSquare ? 0 : Math.sqrt(variance)))
  const total = sum(singular)
  if (total === 0) return 1
  return Math.exp(sum(singular.map(value => (value === 0 ? 0 : -(value / total) * Math.log(value / total)))))
}

/**
 * The mean, over dimensions, of the features' standard deviation: near 1/√dimension where features of length 1 spread
 * evenly, 0 where they have collapsed to one point (Chen and He 2021).
 */
export function dimensionDeviation({ covariance, dimension }: FeatureMoments): number {
  let deviations = 0
  for (let axis = 0; axis < dimension; axis++) deviations += Math.sqrt(covariance[axis * dimension + axis] as number)
  return deviations / dimension
}

/** How far apart the two modalities lie: the distance between their means (Liang et al. 2022). */
export function modalityGap(images: FeatureMoments, texts: FeatureMoments): number {
  return Math.sqrt(sum(images.mean.map((value, axis) => (value - (texts.mean[axis] as number)) ** 2)))
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0)
}
