import type { Detector } from './detector.ts'

/** The clamp of Radford et al. (2021): the logit scale is at most 100. */
const limit = 100

/** The logit scale lies at its upper limit, or has fallen to where similarities hardly count. */
export const logitScalePinned: Detector<{ steps: number; pinned: boolean }> = {
  code: 'logit-scale-pinned',
  initial: { steps: 0, pinned: false },
  observe(state, event) {
    if (event.type !== 'step.completed') return { state }
    const { logitScale, step } = event.data
    const high = logitScale >= limit * 0.999
    const steps = high || logitScale <= 1.001 ? state.steps + 1 : 0
    const pinned = steps >= 50
    if (!pinned || state.pinned) return { state: { steps, pinned } }
    return {
      state: { steps, pinned },
      diagnosis: {
        severity: 'notice',
        step,
        evidence: { logitScale, steps },
        advice: high
          ? 'The model would like sharper logits than 100 allows: harmless at the end of a run, a sign of overfitting early on.'
          : 'Similarities hardly count at a logit scale of 1: check the data, and lower the learning rate.',
      },
    }
  },
}
