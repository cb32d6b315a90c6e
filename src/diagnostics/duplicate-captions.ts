import type { Detector } from './detector.ts'
import { finiteValue } from './finite-value.ts'
import { nothingSeen, type Smoothed, smooth } from './smoothed.ts'
import { trainSplits } from './splits.ts'

/** Steps over which the share is taken. */
const settling = 20

/**
 * More than a tenth of a batch's samples share their caption with another sample that counts as a wrong answer. Two
 * equal captions cannot be told apart, so each such sample has a loss of at least ln 2 that no model learns away, and
 * what is learnt from it is wrong. It is over at a twentieth.
 */
export const duplicateCaptions: Detector<{ share: Smoothed; many: boolean }> = {
  code: 'duplicate-captions',
  splits: trainSplits,
  initial: { share: nothingSeen, many: false },
  observe(state, observation) {
    const measured = finiteValue(observation, 'duplicateCaptions')
    if (measured === undefined) return { state }
    const share = smooth(state.share, measured)
    const many = share.seen >= settling && share.mean > (state.many ? 0.05 : 0.1)
    const next = { share, many }
    if (!many || state.many) return { state: next }
    return {
      state: next,
      finding: {
        severity: 'warning',
        evidence: { share: share.mean },
        advice:
          'Give samples with the same caption the same group, so that they are right answers to each other, or lower batchSize; more telling captions are better still.',
      },
    }
  },
}
