import type { Detector } from './detector.ts'
import { finiteValue } from './finite-value.ts'
import { nothingSeen, type Smoothed, smooth } from './smoothed.ts'
import { trainSplits } from './splits.ts'

/** Steps before which caches and threads warm up. */
const settling = 50

/**
 * Training waits for data more than a fifth of the time, on the average of the steps' own shares, so that one slow read
 * counts as one step; it is over when that has fallen to a tenth.
 */
export const dataBound: Detector<{ share: Smoothed; waiting: boolean }> = {
  code: 'data-bound',
  splits: trainSplits,
  initial: { share: nothingSeen, waiting: false },
  observe(state, observation) {
    const dataWaitMs = finiteValue(observation, 'dataWaitMs')
    const durationMs = finiteValue(observation, 'durationMs')
    if (dataWaitMs === undefined || durationMs === undefined || durationMs <= 0) return { state }
    const share = smooth(state.share, Math.min(1, dataWaitMs / durationMs))
    const waiting = share.seen >= settling && share.mean > (state.waiting ? 0.1 : 0.2)
    const next = { share, waiting }
    if (!waiting || state.waiting) return { state: next }
    return {
      state: next,
      finding: {
        severity: 'notice',
        evidence: { share: share.mean, dataWaitMs, durationMs },
        advice:
          'The model could train faster than its data comes: let pictures be decoded once into the cache, make augmentation cheaper, or lower imageSize.',
      },
    }
  },
}
