import type { Detector } from './detector.ts'
import { finiteValue } from './finite-value.ts'
import { nothingSeen, type Smoothed, smooth } from './smoothed.ts'
import { trainSplits } from './splits.ts'

/** Steps before which caches and threads warm up. */
const settling = 50

/** Training waits for data more than a fifth of the time; it is over when that has fallen to a tenth. */
export const dataBound: Detector<{ waits: Smoothed; durations: Smoothed; waiting: boolean }> = {
  code: 'data-bound',
  splits: trainSplits,
  initial: { waits: nothingSeen, durations: nothingSeen, waiting: false },
  observe(state, observation) {
    const dataWaitMs = finiteValue(observation, 'dataWaitMs')
    const durationMs = finiteValue(observation, 'durationMs')
    if (dataWaitMs === undefined || durationMs === undefined) return { state }
    const waits = smooth(state.waits, dataWaitMs)
    const durations = smooth(state.durations, durationMs)
    const share = durations.mean > 0 ? waits.mean / durations.mean : 0
    const waiting = waits.seen >= settling && share > (state.waiting ? 0.1 : 0.2)
    const next = { waits, durations, waiting }
    if (!waiting || state.waiting) return { state: next }
    return {
      state: next,
      finding: {
        severity: 'notice',
        evidence: { share, dataWaitMs: waits.mean, durationMs: durations.mean },
        advice:
          'The model could train faster than its data comes: let pictures be decoded once into the cache, make augmentation cheaper, or lower imageSize.',
      },
    }
  },
}
