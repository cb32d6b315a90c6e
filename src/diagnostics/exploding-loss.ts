import type { Detector } from './detector.ts'
import { finiteValue } from './finite-value.ts'
import { nothingSeen, type Smoothed, smooth } from './smoothed.ts'
import { trainSplits } from './splits.ts'

/** Steps before which the loss finds its level. */
const settling = 5

/**
 * The smoothed loss has risen by more than a nat above the lowest that it has been, and by half as much again: the noise
 * of small batches does neither for long, and a restart of the learning rate's schedule costs less. It is over when the
 * loss has come back to within half of that.
 */
export const explodingLoss: Detector<{ loss: Smoothed; lowest: number; exploding: boolean }> = {
  code: 'exploding-loss',
  splits: trainSplits,
  initial: { loss: nothingSeen, lowest: 0, exploding: false },
  observe(state, observation) {
    const measured = finiteValue(observation, 'loss')
    if (measured === undefined) return { state }
    const loss = smooth(state.loss, measured)
    const lowest = loss.seen <= settling ? loss.mean : Math.min(state.lowest, loss.mean)
    const rise = loss.mean - lowest
    const limit = Math.max(1, 0.5 * lowest)
    const exploding = rise > (state.exploding ? limit / 2 : limit)
    const next = { loss, lowest, exploding }
    if (!exploding || state.exploding) return { state: next }
    const learningRate = finiteValue(observation, 'learningRate')
    return {
      state: next,
      finding: {
        severity: 'error',
        evidence: { loss: loss.mean, lowest, ...(learningRate !== undefined && { learningRate }) },
        advice:
          'Lower optimizer.learningRate or lengthen schedule.warmUpShare, and go on from a checkpoint before the rise.',
      },
    }
  },
}
