import type { Detector } from './detector.ts'
import { finiteValue } from './finite-value.ts'
import { average, nothingSeen, type Smoothed, smooth } from './smoothed.ts'
import { trainSplits } from './splits.ts'

/** What counts as no gradient at all, as a power of ten, and from where on the norm is too small to learn by. */
const smallestPower = -12
const tooSmallPower = -6

/** Steps before a run has a usual norm. */
const settling = 50

/**
 * The norm of the gradients, smoothed over its powers of ten, has fallen to a thousandth of what it was on average, or
 * below a millionth, while there is still something to learn: the loss is above a tenth of a nat. As a loss goes to
 * zero, so do its gradients; without that, something on the way back swallows them. A small norm counts at most as a tenth
 * of the average, so that what is out of the usual does not soon become it.
 */
export const vanishingGradients: Detector<{ usual: Smoothed; recent: Smoothed; loss: Smoothed; vanished: boolean }> = {
  code: 'vanishing-gradients',
  splits: trainSplits,
  initial: { usual: nothingSeen, recent: nothingSeen, loss: nothingSeen, vanished: false },
  observe(state, observation) {
    const norm = finiteValue(observation, 'gradientNorm')
    const measured = finiteValue(observation, 'loss')
    if (norm === undefined || measured === undefined) return { state }
    const power = norm > 0 ? Math.max(smallestPower, Math.log10(norm)) : smallestPower
    const recent = smooth(state.recent, power)
    const usual = recent.seen === 1 ? recent : average(state.usual, Math.max(power, state.usual.mean - 1))
    const loss = smooth(state.loss, measured)
    const vanished =
      recent.seen > settling && loss.mean > 0.1 && (recent.mean < usual.mean - 3 || recent.mean < tooSmallPower)
    const next = { usual, recent, loss, vanished }
    if (!vanished || state.vanished) return { state: next }
    return {
      state: next,
      finding: {
        severity: 'error',
        evidence: { gradientNorm: 10 ** recent.mean, usualNorm: 10 ** usual.mean, loss: loss.mean },
        advice:
          'Look at gradients.observed for the layers that get none; try a lower optimizer.learningRate, other model.image or model.text settings, or go on from a checkpoint before it happened.',
      },
    }
  },
}
