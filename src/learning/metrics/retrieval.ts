import { ChronogradError } from '../../errors/chronograd-error.ts'
import type { FeatureMatrix } from './feature-matrix.ts'
import { similarityRows } from './similarity-rows.ts'

/** How well one modality finds the other over a whole split. */
export interface Retrieval {
  /** Shares of the queries whose best right answer is among the first 1, 5 and 10. */
  readonly recallAt1: number
  readonly recallAt5: number
  readonly recallAt10: number
  /** The middle and the mean of the best right answers' ranks; 1 is best. */
  readonly medianRank: number
  readonly meanRank: number
}

/** A split cannot be scored. */
export class RetrievalError extends ChronogradError {}

/**
 * Retrieval among all candidates. A query's rank is that of its best right answer: one more than the wrong answers that
 * score higher, plus half of the wrong answers that score the same, so a model that gives everything one score is
 * neither favoured nor punished. Several candidates may be right: all those of the query's group.
 *
 * @param queries features, and one group number per row
 * @param candidates features, and one group number per row
 * @throws RetrievalError when there is no query, or a query has no right answer among the candidates
 */
export function retrieval(
  queries: { features: FeatureMatrix; groups: Int32Array },
  candidates: { features: FeatureMatrix; groups: Int32Array },
): Retrieval {
  const members = new Map<number, number[]>()
  for (const [row, group] of candidates.groups.entries()) {
    const rows = members.get(group)
    if (rows === undefined) members.set(group, [row])
    else rows.push(row)
  }
  const ranks = new Float64Array(queries.features.rows)
  for (const { row, scores } of similarityRows(queries.features, candidates.features)) {
    const right = members.get(queries.groups[row] ?? Number.NaN)
    if (right === undefined) {
      throw new RetrievalError(`Query ${row} has no right answer among the ${candidates.features.rows} candidates.`)
    }
    ranks[row] = rankOfBest(scores, right)
  }
  return summarize(ranks)
}

function rankOfBest(scores: Float32Array, right: readonly number[]): number {
  const best = right.reduce((highest, row) => Math.max(highest, scores[row] ?? Number.NaN), Number.NEGATIVE_INFINITY)
  // Features that are not numbers find nothing: such a query comes last.
  if (Number.isNaN(best)) return scores.length
  let higher = 0
  let same = 0
  for (const score of scores) {
    if (score > best) higher++
    else if (score === best) same++
  }
  const sameAndRight = right.reduce((count, row) => (scores[row] === best ? count + 1 : count), 0)
  return 1 + higher + (same - sameAndRight) / 2
}

function summarize(ranks: Float64Array): Retrieval {
  if (ranks.length === 0) throw new RetrievalError('Retrieval was asked for on a split without samples.')
  const sorted = ranks.slice().sort()
  const within = (limit: number) => sorted.filter(rank => rank <= limit).length / sorted.length
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return {
    recallAt1: within(1),
    recallAt5: within(5),
    recallAt10: within(10),
    medianRank: sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2,
    meanRank: sorted.reduce((sum, rank) => sum + rank, 0) / sorted.length,
  }
}
