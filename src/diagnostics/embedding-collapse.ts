import type { Observation } from '../metrics/observation.ts'
import type { Detector } from './detector.ts'
import { finiteValue } from './finite-value.ts'
import { validationSplits } from './splits.ts'

/** So many evaluations in a row must show it: an untrained model's features are narrow, too, and soon widen. */
const patience = 2

/** Below this effective rank features lie along little more than one line. */
const smallestRank = 2

/** A tenth of what features have that spread evenly in 1,024 dimensions (1/√1024); in fewer, it is less than that. */
const smallestDeviation = 0.003

/** What falls to this share of its best has lost most of its directions, or nearly all of its extent. */
const lostRank = 0.25
const lostDeviation = 0.1

/** What is known of the pictures' features, or the texts'. */
type Spread = {
  readonly bestRank: number
  readonly bestDeviation: number
  readonly lastRank: number
  readonly narrow: number
}

const unknown: Spread = { bestRank: 0, bestDeviation: 0, lastRank: 0, narrow: 0 }

/**
 * The features of pictures or of texts have collapsed: to a point (the standard deviation per dimension, by which Chen and
 * He 2021 tell it, is below 0.003 or a tenth of its best), to a line (an effective rank, Roy and Vetterli 2007, below 2),
 * or to a quarter of the directions that they once filled (the dimensional collapse of Jing et al. 2022); in two
 * evaluations in a row between which the rank does not grow.
 */
export const embeddingCollapse: Detector<{ image: Spread; text: Spread; collapsed: boolean }> = {
  code: 'embedding-collapse',
  splits: validationSplits,
  initial: { image: unknown, text: unknown, collapsed: false },
  observe(state, observation) {
    const image = spreadOf('image', state.image, observation)
    const text = spreadOf('text', state.text, observation)
    const collapsed = Math.max(image.narrow, text.narrow) >= patience
    const next = { image, text, collapsed }
    if (!collapsed || state.collapsed) return { state: next }
    const evidence = Object.fromEntries(
      ['imageEffectiveRank', 'textEffectiveRank', 'imageDimensionDeviation', 'textDimensionDeviation'].flatMap(name => {
        const value = finiteValue(observation, name)
        return value === undefined ? [] : [[name, value] as const]
      }),
    )
    return {
      state: next,
      finding: {
        severity: 'warning',
        evidence,
        advice:
          'Lower optimizer.learningRate and optimizer.weightDecay, and enlarge batchSize: negatives are what pushes features apart. Where only texts collapse, look whether captions differ.',
      },
    }
  },
}

function spreadOf(kind: 'image' | 'text', before: Spread, observation: Observation): Spread {
  const rank = finiteValue(observation, `${kind}EffectiveRank`)
  if (rank === undefined) return before
  const deviation = finiteValue(observation, `${kind}DimensionDeviation`)
  const bestRank = Math.max(before.bestRank, rank)
  const bestDeviation = Math.max(before.bestDeviation, deviation ?? 0)
  const isTight = deviation !== undefined && deviation < Math.max(smallestDeviation, lostDeviation * bestDeviation)
  const isNarrow = isTight || rank < Math.max(smallestRank, lostRank * bestRank)
  const widens = before.lastRank > 0 && rank > 1.1 * before.lastRank
  return { bestRank, bestDeviation, lastRank: rank, narrow: isNarrow && !widens ? before.narrow + 1 : 0 }
}
