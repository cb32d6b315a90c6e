import type { Detector } from './detector.ts'
import { finiteValue } from './finite-value.ts'
import { average, nothingSeen, type Smoothed, smooth } from './smoothed.ts'
import { trainSplits } from './splits.ts'

/** Steps before a run has a usual norm. */
const settling = 50

/**
 * The norm of the gradients, smoothed over its powers of ten, has risen to a hundred times what it was on average. A
 * warm-up and a growing logit scale raise it ten times or so; one bad batch, however bad, does not move the smoothed
 * power far enough, and it counts at most as ten times the average.
 */
export const explodingGradients: Detector<{ usual: Smoothed; recent: Smoothed; exploding: boolean }> = {
  code: 'exploding-gradients',
  splits: trainSplits,
  initial: { usual: nothingSeen, recent: nothingSeen, exploding: false },
  observe(state, observation) {
    const norm = finiteValue(observation, 'gradientNorm')
    if (norm === undefined || norm <= 0) return { state }
    const power = Math.log10(norm)
    const recent = smooth(state.recent, power)
    const usual = recent.seen === 1 ? recent : average(state.usual, Math.min(power, state.usual.mean + 1))
    const exploding = recent.seen > settling && recent.mean > usual.mean + 2
    const next = { usual, recent, exploding }
    if (!exploding || state.exploding) return { state: next }
    const learningRate = finiteValue(observation, 'learningRate')
    return {
      state: next,
      finding: {
        severity: 'warning',
        evidence: {
          gradientNorm: 10 ** recent.mean,
          usualNorm: 10 ** usual.mean,
          ...(learningRate !== undefined && { learningRate }),
        },
        advice:
          'Lower optimizer.learningRate or lengthen schedule.warmUpShare. optimizer.clipNorm bounds what such a step does, but not where the gradients come from.',
      },
    }
  },
}
