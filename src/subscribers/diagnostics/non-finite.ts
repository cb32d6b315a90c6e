import type { Detector } from './detector.ts'

/** A step whose loss or gradients were not finite. */
export const nonFinite: Detector<{ skipping: boolean }> = {
  code: 'non-finite',
  initial: { skipping: false },
  observe(state, event) {
    if (event.type === 'step.completed') return { state: { skipping: false } }
    if (event.type !== 'step.skipped' || state.skipping) return { state }
    const { step, loss, gradientNorm, learningRate } = event.data
    return {
      state: { skipping: true },
      diagnosis: {
        severity: 'error',
        step,
        evidence: { loss, gradientNorm, learningRate },
        advice:
          'The weights were left as they were. If it happens again, lower the learning rate, lengthen the warm-up or clip gradients at a smaller norm.',
      },
    }
  },
}
