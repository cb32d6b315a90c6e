import type { Detector } from './detector.ts'
import { finiteValue } from './finite-value.ts'
import { trainSplits } from './splits.ts'

/** The clamp of Radford et al. (2021): the logit scale is at most 100. */
const limit = 100

/** So many steps in a row are more than a touch. */
const patience = 50

/**
 * The logit scale lies at its upper limit, where the loss would like it to be sharper still, or has fallen to 1, where
 * similarities hardly count. Both for fifty steps in a row.
 */
export const logitScalePinned: Detector<{ high: number; low: number; pinned: boolean }> = {
  code: 'logit-scale-pinned',
  splits: trainSplits,
  initial: { high: 0, low: 0, pinned: false },
  observe(state, observation) {
    const logitScale = finiteValue(observation, 'logitScale')
    if (logitScale === undefined) return { state }
    const high = logitScale >= limit * 0.999 ? state.high + 1 : 0
    const low = logitScale <= 1.001 ? state.low + 1 : 0
    const pinned = Math.max(high, low) >= patience
    const next = { high, low, pinned }
    if (!pinned || state.pinned) return { state: next }
    const evidence = { logitScale, steps: Math.max(high, low) }
    const advice = high
      ? 'The loss would like sharper logits than 100 allows: harmless late in a run; early on, look whether the model learns its pairs by heart (more augmentation, a higher optimizer.weightDecay).'
      : 'At a logit scale of 1 similarities hardly count: check that pictures and captions belong together, and lower optimizer.learningRate.'
    return { state: next, finding: { severity: high ? 'notice' : 'warning', evidence, advice } }
  },
}
