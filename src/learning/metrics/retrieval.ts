import { ChronogradError } from '../../errors/chronograd-error.ts'
import type { GroupedFeatures } from './feature-matrix.ts'
import { retrievalRanks } from './ranks.ts'
import type { BlockOptions } from './similarity-blocks.ts'

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
 * Retrieval among all candidates, both ways: every picture asks for its texts, and every text for its picture. A picture
 * may have several texts, and several pictures may be right for a text: those of its group. Each query counts once, with
 * its best right answer; `retrievalRanks` says how ties and features that are not finite are ranked.
 *
 * @throws RetrievalError where there are no pictures or no texts, or one of them has no right answer
 */
export async function retrieval(
  images: GroupedFeatures,
  texts: GroupedFeatures,
  options: Pick<BlockOptions, 'blockSize'> = {},
): Promise<{ imageToText: Retrieval; textToImage: Retrieval }> {
  assertAnswered(images, texts)
  assertAnswered(texts, images)
  const ranks = await retrievalRanks(images, texts, options)
  return { imageToText: summarizeRanks(ranks.rows), textToImage: summarizeRanks(ranks.columns) }
}

function assertAnswered({ groups }: GroupedFeatures, candidates: GroupedFeatures): void {
  if (groups.length === 0 || candidates.groups.length === 0) {
    throw new RetrievalError('Retrieval was asked for on a split without pictures or without texts.')
  }
  const known = new Set(candidates.groups)
  const query = groups.findIndex(group => !known.has(group))
  if (query < 0) return
  throw new RetrievalError(
    `Query ${query} has no right answer among the ${candidates.groups.length} candidates: none is of its group ${groups[query]}.`,
  )
}

/** @param ranks of at least one query, 1 being best */
export function summarizeRanks(ranks: Float64Array): Retrieval {
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
