import type { Detector } from './detector.ts'
import { finiteValue } from './finite-value.ts'
import { trainSplits } from './splits.ts'

/** The mean of so many losses, and the sum of their squared distances from it. */
type Block = { readonly count: number; readonly mean: number; readonly squares: number }

/** The last quarter of the steps, and the quarter before it. */
type Quarters = { readonly before: Block; readonly last: Block }

/** With the standard error of the improvement between them, and the most that the improvement may well be. */
type Judged = Quarters & { readonly error: number; readonly most: number }

const empty: Block = { count: 0, mean: 0, squares: 0 }

/** Blocks are merged in pairs when there are so many, so that they cover any run in halves, quarters and eighths. */
const mostBlocks = 16

/** Steps in a block at first. */
const firstLength = 20

/** The least that the loss should fall from one quarter of the steps to the next, and the most that it may rise. */
const leastImprovement = 0.01
const mostRise = 0.05

/**
 * The loss has stopped falling although the learning rate is still high: it is all but certain (two standard errors)
 * that the mean loss of the last quarter of the steps is less than a hundredth below that of the quarter before. Quarters
 * grow with the run, as a loss that falls by a power law asks for.
 *
 * Steps count from where the learning rate last rose, so that a warm-up and a warm restart are not taken for standing
 * still. A loss that no longer falls when the schedule has lowered the rate below half of its highest has simply
 * arrived, and so has one that is below a twentieth of where it began. A loss that rises, or has never left ln(batch
 * size), does not stand either: those are other faults.
 */
export const plateau: Detector<{
  length: number
  blocks: readonly Block[]
  filling: Block
  rate: number
  highestRate: number
  start: number | null
  standing: boolean
}> = {
  code: 'plateau',
  splits: trainSplits,
  initial: {
    length: firstLength,
    blocks: [],
    filling: empty,
    rate: 0,
    highestRate: 0,
    start: null,
    standing: false,
  },
  observe(state, observation) {
    const loss = finiteValue(observation, 'loss')
    if (loss === undefined) return { state }
    const rate = finiteValue(observation, 'learningRate') ?? state.rate
    const highestRate = Math.max(state.highestRate, rate)
    const rates = { rate, highestRate, start: state.start ?? loss }
    if (rate > state.rate) {
      return { state: { ...plateau.initial, ...rates } }
    }
    const filling = withValue(state.filling, loss)
    if (filling.count < state.length) return { state: { ...state, ...rates, filling } }
    const blocks = [...state.blocks, filling]
    const quarters = blocks.length >= mostBlocks / 2 && blocks.length % 4 === 0 ? lastQuarters(blocks) : undefined
    const judged = quarters && { ...quarters, ...improvementOf(quarters) }
    const chance = Math.log(finiteValue(observation, 'examples') ?? Infinity)
    const high = rate >= highestRate / 2
    const standing = judged === undefined ? state.standing : high && stands(judged, rates.start, chance)
    const next = { ...state, ...rates, ...kept(blocks, state.length), filling: empty, standing }
    if (judged === undefined || !standing || state.standing) return { state: next }
    return {
      state: next,
      finding: {
        severity: 'warning',
        evidence: {
          loss: judged.last.mean,
          lossBefore: judged.before.mean,
          standardError: judged.error,
          steps: judged.last.count,
          learningRate: rate,
        },
        advice:
          'Lower optimizer.learningRate or let the schedule lower it sooner; if that does not help, the model is too small for the data (see model), or the data has no more to give.',
      },
    }
  },
}

function stands({ before, last, most }: Judged, start: number, chance: number): boolean {
  const learning = last.mean < 0.98 * chance && last.mean > start / 20
  return learning && most < leastImprovement * last.mean && last.mean < (1 + mostRise) * before.mean
}

/** Welford's update. */
function withValue({ count, mean, squares }: Block, value: number): Block {
  const next = mean + (value - mean) / (count + 1)
  return { count: count + 1, mean: next, squares: squares + (value - mean) * (value - next) }
}

/** Two blocks as one (Chan et al. 1979). */
function joined(one: Block, other: Block): Block {
  const count = one.count + other.count
  if (count === 0) return empty
  const distance = other.mean - one.mean
  return {
    count,
    mean: one.mean + (distance * other.count) / count,
    squares: one.squares + other.squares + (distance ** 2 * one.count * other.count) / count,
  }
}

function lastQuarters(blocks: readonly Block[]): Quarters {
  const quarter = blocks.length / 4
  return {
    before: blocks.slice(2 * quarter, 3 * quarter).reduce(joined, empty),
    last: blocks.slice(3 * quarter).reduce(joined, empty),
  }
}

function improvementOf({ before, last }: Quarters): Pick<Judged, 'error' | 'most'> {
  const squaredError = ({ count, squares }: Block) => squares / (count - 1) / count
  const error = Math.sqrt(squaredError(before) + squaredError(last))
  return { error, most: before.mean - last.mean + 2 * error }
}

function kept(
  blocks: readonly Block[],
  length: number,
): { readonly blocks: readonly Block[]; readonly length: number } {
  if (blocks.length < mostBlocks) return { blocks, length }
  const pairs = Array.from({ length: mostBlocks / 2 }, (_, pair) =>
    joined(blocks[2 * pair] ?? empty, blocks[2 * pair + 1] ?? empty),
  )
  return { blocks: pairs, length: 2 * length }
}
