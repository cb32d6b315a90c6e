import type { Detector } from './detector.ts'
import { finiteValue } from './finite-value.ts'
import { validationSplits } from './splits.ts'

/**
 * Pictures and texts lie in two regions of their own: the distance between the mean picture feature and the mean text
 * feature is more than half of the radius (Liang et al. 2022, "Mind the gap", who measured 0.82 in CLIP). Retrieval is
 * none the worse for it, so it is a notice and no alarm; it is said once, and again when the gap has closed below 0.4
 * and opened anew.
 */
export const modalityGap: Detector<{ apart: boolean }> = {
  code: 'modality-gap',
  splits: validationSplits,
  initial: { apart: false },
  observe(state, observation) {
    const gap = finiteValue(observation, 'modalityGap')
    if (gap === undefined) return { state }
    const apart = gap > (state.apart ? 0.4 : 0.5)
    if (apart === state.apart) return { state }
    if (!apart) return { state: { apart } }
    return {
      state: { apart },
      finding: {
        severity: 'notice',
        evidence: { modalityGap: gap },
        advice:
          'Compare similarities only between a picture and texts, or a text and pictures, not across the two kinds; subtract the mean of each kind first where you must. Training needs no change.',
      },
    }
  },
}
