import type { Detector } from './detector.ts'
import { finiteValue } from './finite-value.ts'
import { nothingSeen, type Smoothed, smooth } from './smoothed.ts'
import { trainSplits } from './splits.ts'

/** The clamp of Radford et al. (2021): the logit scale is at most 100. */
const limit = 100

/**
 * Below this similarities hardly count: with a scale s the loss of a batch of n cannot be less than
 * ln(1 + (n − 1) e^(−2s)), which for s = 2 and n = 256 is 1.7 nats.
 */
const least = 2

/** So many steps in a row are more than a touch. */
const patience = 50

/**
 * The logit scale lies at its upper limit for fifty steps in a row, where the loss would like it to be sharper still; or,
 * smoothed, it has fallen below 2, towards its lower limit of 1; that is over when it has come back to 3.
 */
export const logitScalePinned: Detector<{ scale: Smoothed; high: number; low: boolean; pinned: boolean }> = {
  code: 'logit-scale-pinned',
  splits: trainSplits,
  initial: { scale: nothingSeen, high: 0, low: false, pinned: false },
  observe(state, observation) {
    const logitScale = finiteValue(observation, 'logitScale')
    if (logitScale === undefined) return { state }
    const scale = smooth(state.scale, logitScale)
    const high = logitScale >= limit * 0.999 ? state.high + 1 : 0
    const isLow = scale.seen >= patience && scale.mean < (state.low ? 1.5 * least : least)
    const isHigh = high >= patience
    const next = { scale, high, low: isLow, pinned: isHigh || isLow }
    if (!next.pinned || state.pinned) return { state: next }
    const evidence = { logitScale, smoothed: scale.mean }
    if (isLow) {
      const advice =
        'Similarities hardly count any more: lower optimizer.learningRate or lengthen schedule.warmUpShare, and check that pictures and captions belong together.'
      return { state: next, finding: { severity: 'warning', evidence, advice } }
    }
    const advice =
      'The loss would like sharper logits than 100 allows: harmless late in a run; early on, look whether the model learns its pairs by heart (more augmentation, a higher optimizer.weightDecay).'
    return { state: next, finding: { severity: 'notice', evidence, advice } }
  },
}
