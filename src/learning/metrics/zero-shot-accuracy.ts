import { type ZeroShotClassifier, ZeroShotError } from '../zero-shot.ts'
import type { FeatureMatrix } from './feature-matrix.ts'
import { nearest } from './nearest.ts'
import { retrievalRanks } from './ranks.ts'

/** How well a zero-shot classifier names pictures. */
export interface ZeroShotAccuracy {
  /** The shares of the pictures whose right class is the first, and among the first five. */
  readonly top1: number
  readonly top5: number
  /** `top1` among each class's own pictures, by the order of the class names; NaN for a class without pictures. */
  readonly perClass: readonly number[]
  /** `confusion[right][named]`: how many pictures of one class were called another. Equals go to the class named first. */
  readonly confusion: readonly Uint32Array[]
}

/**
 * Zero-shot classification of a labelled split. Classes of the same score are ranked as `retrievalRanks` does it, and
 * features that are not finite are never right.
 *
 * @param labels for each picture the name of its class
 * @throws ZeroShotError where there are no pictures, not as many labels, or a label is no class
 *
 * @example
 * const { images, keys } = await encodeSplit(model, data)
 * const { top1, perClass } = await zeroShotAccuracy(classifier, images, keys.map(key => key.split('/')[0] ?? ''))
 */
export async function zeroShotAccuracy(
  classifier: ZeroShotClassifier,
  images: FeatureMatrix,
  labels: readonly string[],
): Promise<ZeroShotAccuracy> {
  const { weights } = classifier
  const right = classesOf(classifier, images, labels)
  const classes = Int32Array.from({ length: weights.rows }, (_, index) => index)
  const { rows: ranks } = await retrievalRanks(
    { features: images, groups: right },
    { features: weights, groups: classes },
  )
  const found = await nearest(images, weights, 1)
  const confusion = Array.from(classes, () => new Uint32Array(weights.rows))
  const sizes = new Uint32Array(weights.rows)
  const firsts = new Uint32Array(weights.rows)
  for (const [image, rank] of ranks.entries()) {
    const own = right[image] as number
    const named = found[image]?.[0]?.row ?? 0
    sizes[own] = (sizes[own] as number) + 1
    if (rank <= 1) firsts[own] = (firsts[own] as number) + 1
    const row = confusion[own] as Uint32Array
    row[named] = (row[named] as number) + 1
  }
  const within = (limit: number) => ranks.filter(rank => rank <= limit).length / ranks.length
  const perClass = Array.from(sizes, (size, index) => (firsts[index] as number) / size)
  return { top1: within(1), top5: within(5), perClass, confusion }
}

/** For each picture the place of its class. */
function classesOf({ classNames }: ZeroShotClassifier, images: FeatureMatrix, labels: readonly string[]): Int32Array {
  if (labels.length !== images.rows || labels.length === 0) {
    throw new ZeroShotError(
      `Accuracy takes a label for each of one or more pictures, but there are ${images.rows} pictures and ${labels.length} labels.`,
    )
  }
  const places = new Map(classNames.map((name, index) => [name, index]))
  return Int32Array.from(labels, (label, image) => {
    const index = places.get(label)
    if (index !== undefined) return index
    throw new ZeroShotError(
      `Picture ${image} is labelled "${label}", which is none of the classifier's ${classNames.length} classes.`,
    )
  })
}
