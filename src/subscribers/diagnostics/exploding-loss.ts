import { type Detector, smooth } from './detector.ts'

/** The smoothed loss has risen far above the lowest that it has been. */
export const explodingLoss: Detector<{ seen: number; loss: number; lowest: number; exploding: boolean }> = {
  code: 'exploding-loss',
  initial: { seen: 0, loss: 0, lowest: 0, exploding: false },
  observe(state, event) {
    if (event.type !== 'step.completed' || !Number.isFinite(event.data.loss)) return { state }
    const loss = smooth(state.loss, event.data.loss, state.seen)
    const seen = state.seen + 1
    const lowest = state.seen === 0 ? loss : Math.min(state.lowest, loss)
    // One more nat than the best, and half as much again: noise of a small batch does neither for long.
    const exploding = seen > 20 && loss > lowest + 1 && loss > 1.5 * lowest
    const next = { state: { seen, loss, lowest, exploding } }
    if (!exploding || state.exploding) return next
    return {
      ...next,
      diagnosis: {
        severity: 'warning',
        step: event.data.step,
        evidence: { loss, lowest, gradientNorm: event.data.gradientNorm, learningRate: event.data.learningRate },
        advice: 'Lower the learning rate or lengthen the warm-up, and go on from a checkpoint before the rise.',
      },
    }
  },
}
