import * as tf from '@tensorflow/tfjs-core'
import { featureRow, type GroupedFeatures, scaleFeatures, takeRows } from './feature-matrix.ts'
import { type BlockOptions, type BlockPlace, visitSimilarities } from './similarity-blocks.ts'

/** The rank of each query's best right answer, with the rows and with the columns of a similarity matrix as queries. */
export interface Ranks {
  readonly rows: Float64Array
  readonly columns: Float64Array
}

/**
 * For every row the rank of its best right answer among all columns, and for every column that among all rows. Right are
 * those of the same group.
 *
 * A rank is one more than the wrong answers that score higher, plus half of the wrong answers that score the same: the
 * mean over all orders in which equals could be listed, so that a model that gives everything one score is neither
 * favoured nor punished. Scores within 2^-20 of each other are the same: backends compute in float32 and give equal
 * features scores that differ in the last bits, depending on where they lie in the matrix.
 *
 * Features that are not finite cannot be compared. As wrong answers they stand ahead of every right one; a query that has
 * them itself, or in all its right answers, finds nothing: its rank is Infinity, as is that of a query without any right
 * answer.
 *
 * The similarities are computed twice where a right answer may be, and once elsewhere.
 */
export async function retrievalRanks(
  rows: GroupedFeatures,
  columns: GroupedFeatures,
  options: Pick<BlockOptions, 'blockSize'> = {},
): Promise<Ranks> {
  const left = new Side(rows, fineness)
  const right = new Side(columns, 1)
  await findBest(left, right, options)
  await compareWithBest(left, right, options)
  return { rows: left.ranks(right), columns: right.ranks(left) }
}

/**
 * One side's features are multiplied by this, so that scores are the same where they differ by up to half. It is a power
 * of two: no bit of a score changes but its exponent.
 */
const fineness = 2 ** 19

/** One side of the matrix: its comparable rows, sorted by group, so that right answers lie in few blocks. */
class Side {
  readonly features
  /** The groups of the comparable rows, in rising order. */
  readonly groups: Int32Array
  /** For each comparable row the score of its best right answer. */
  readonly best: Float32Array
  /** For each comparable row how many score more than its best right answer, less how many score less. */
  readonly #balance: Float64Array
  /** For each comparable row how many right answers score the same as its best. */
  readonly #shared: Int32Array
  readonly #allGroups: Int32Array
  readonly #order: readonly number[]
  /** How many rows of each group cannot be compared. */
  readonly #incomparable = new Map<number, number>()

  constructor({ features, groups }: GroupedFeatures, scale: number) {
    const order: number[] = []
    for (let row = 0; row < features.rows; row++) {
      const group = groups[row] as number
      if (featureRow(features, row).every(Number.isFinite)) order.push(row)
      else this.#incomparable.set(group, (this.#incomparable.get(group) ?? 0) + 1)
    }
    order.sort((one, other) => (groups[one] as number) - (groups[other] as number) || one - other)
    this.#order = order
    this.#allGroups = groups
    this.features = scaleFeatures(takeRows(features, order), scale)
    this.groups = Int32Array.from(order, row => groups[row] as number)
    this.best = new Float32Array(order.length).fill(Number.NEGATIVE_INFINITY)
    this.#shared = new Int32Array(order.length)
    this.#balance = new Float64Array(order.length)
  }

  /** Takes a right answer's score into account for the best. */
  meet(row: number, score: number): void {
    if (score > (this.best[row] as number)) this.best[row] = score
  }

  /** Takes a right answer's score into account once the best is known. */
  meetAgain(row: number, score: number): void {
    if ((this.best[row] as number) - score <= 0.5) this.#shared[row] = (this.#shared[row] as number) + 1
  }

  add(first: number, balances: Float32Array): void {
    for (const [offset, balance] of balances.entries()) {
      this.#balance[first + offset] = (this.#balance[first + offset] as number) + balance
    }
  }

  /** @returns the rank of every row, in the order in which they were given */
  ranks(answers: Side): Float64Array {
    const ranks = new Float64Array(this.#allGroups.length).fill(Number.POSITIVE_INFINITY)
    const ahead = answers.#allGroups.length - answers.#order.length
    for (const [place, row] of this.#order.entries()) {
      if (this.best[place] === Number.NEGATIVE_INFINITY) continue
      const aheadAndWrong = ahead - (answers.#incomparable.get(this.groups[place] as number) ?? 0)
      // Higher plus half of the equal ones, which is what (all + higher - lower) / 2 comes to.
      const before = (answers.#order.length + (this.#balance[place] as number) - (this.#shared[place] as number)) / 2
      ranks[row] = 1 + before + aheadAndWrong
    }
    return ranks
  }
}

/** Finds the score of every row's and every column's best right answer. */
async function findBest(left: Side, right: Side, options: BlockOptions): Promise<void> {
  await visitSimilarities(
    left.features,
    right.features,
    (similarities, place) => {
      for (const { row, column, score } of rightPairs(left, right, similarities, place)) {
        left.meet(row, score)
        right.meet(column, score)
      }
    },
    { ...options, wanted: place => mayHoldRight(left, right, place) },
  )
}

/** Compares every score with the best right one of its row and with that of its column. */
async function compareWithBest(left: Side, right: Side, options: BlockOptions): Promise<void> {
  await visitSimilarities(
    left.features,
    right.features,
    (similarities, place) => {
      const { firstRow, rows, firstColumn, columns } = place
      const rowBest = tf.tensor2d(left.best.slice(firstRow, firstRow + rows), [rows, 1])
      const columnBest = tf.tensor2d(right.best.slice(firstColumn, firstColumn + columns), [1, columns])
      left.add(firstRow, tf.sum(compared(similarities, rowBest), 1).dataSync<'float32'>())
      right.add(firstColumn, tf.sum(compared(similarities, columnBest), 0).dataSync<'float32'>())
      if (!mayHoldRight(left, right, place)) return
      for (const { row, column, score } of rightPairs(left, right, similarities, place)) {
        left.meetAgain(row, score)
        right.meetAgain(column, score)
      }
    },
    options,
  )
}

/** 1 where a score is higher than the best right one, -1 where it is lower, 0 where they are the same. */
function compared(scores: tf.Tensor2D, best: tf.Tensor2D): tf.Tensor2D {
  return tf.round(tf.clipByValue(tf.sub(scores, best), -1, 1))
}

/** Whether a block and the diagonal of equal groups meet; both sides are sorted by group. */
function mayHoldRight(left: Side, right: Side, { firstRow, rows, firstColumn, columns }: BlockPlace): boolean {
  const [rowLow, rowHigh] = [left.groups[firstRow] as number, left.groups[firstRow + rows - 1] as number]
  const [columnLow, columnHigh] = [
    right.groups[firstColumn] as number,
    right.groups[firstColumn + columns - 1] as number,
  ]
  return rowLow <= columnHigh && columnLow <= rowHigh
}

/** The right pairs of a block with their scores. */
function* rightPairs(left: Side, right: Side, similarities: tf.Tensor2D, place: BlockPlace) {
  const { firstRow, rows, firstColumn, columns } = place
  const scores = similarities.dataSync<'float32'>()
  // Both sides are sorted by group, so that each row's right answers follow on those of the row before.
  let start = firstColumn
  for (let row = firstRow; row < firstRow + rows; row++) {
    const group = left.groups[row] as number
    while (start < firstColumn + columns && (right.groups[start] as number) < group) start++
    for (let column = start; column < firstColumn + columns && right.groups[column] === group; column++) {
      yield { row, column, score: scores[(row - firstRow) * columns + column - firstColumn] as number }
    }
  }
}
