import { captionClasses, type TokenRows } from './caption-classes.ts'

/** What says which samples of a batch belong together. */
export interface BatchLabels extends TokenRows {
  /** One number a sample; samples with the same number are right answers to each other. */
  readonly groups: Int32Array
}

/** Which samples of a batch are right answers to which. */
export interface RightAnswers {
  /** How many samples the batch has. */
  readonly size: number
  /** [size × size], 1 where two samples are right answers to each other: symmetric, with ones on the diagonal. */
  readonly matrix: Uint8Array
  /** How many right answers each sample has, itself included. */
  readonly counts: Int32Array
}

/**
 * Samples are right answers to each other when they are of one group or, unless told otherwise, have the same caption: a
 * text that describes two pictures is wrong for neither (duplicates as false negatives are what stalls small contrastive
 * runs). This is not carried on from sample to sample: a shared general word does not make two groups one.
 *
 * @param options `matchEqualCaptions`: whether equal rows of tokens count
 */
export function rightAnswers(labels: BatchLabels, options: { readonly matchEqualCaptions: boolean }): RightAnswers {
  const { groups } = labels
  const size = groups.length
  const captions = options.matchEqualCaptions ? captionClasses(labels) : groups
  const matrix = new Uint8Array(size * size)
  const counts = new Int32Array(size)
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      if (groups[row] !== groups[column] && captions[row] !== captions[column]) continue
      matrix[row * size + column] = 1
      counts[row] = (counts[row] as number) + 1
    }
  }
  return { size, matrix, counts }
}
