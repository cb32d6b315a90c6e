import type { Detector } from './detector.ts'
import { finiteValue } from './finite-value.ts'
import { nothingSeen, type Smoothed, smooth } from './smoothed.ts'
import { trainSplits } from './splits.ts'

/** After 200 steps a model that learns is measurably better than guessing: in fifths, for those that count less. */
const patience = 1_000

/**
 * The loss has not come more than a fiftieth below ln(batch size), which guessing among a batch's pairs gives. (The
 * sigmoid loss of a model that guesses lies about a nat above that.) Steps in which the learning rate still rises count
 * a fifth.
 */
export const stuckAtChance: Detector<{ loss: Smoothed; rate: number; waited: number; stuck: boolean }> = {
  code: 'stuck-at-chance',
  splits: trainSplits,
  initial: { loss: nothingSeen, rate: 0, waited: 0, stuck: false },
  observe(state, observation) {
    const measured = finiteValue(observation, 'loss')
    const examples = finiteValue(observation, 'examples')
    if (measured === undefined || examples === undefined || examples < 2) return { state }
    const loss = smooth(state.loss, measured)
    const rate = finiteValue(observation, 'learningRate') ?? state.rate
    const chance = Math.log(examples)
    const counted = rate > state.rate ? 1 : 5
    const waited = loss.mean > 0.98 * chance ? state.waited + counted : 0
    const stuck = waited >= patience
    const next = { loss, rate, waited, stuck }
    if (!stuck || state.stuck) return { state: next }
    return {
      state: next,
      finding: {
        severity: 'warning',
        evidence: { loss: loss.mean, chance, learningRate: rate, afterSteps: loss.seen },
        advice:
          'Check that pictures and captions belong together; then try an optimizer.learningRate ten times lower, and one ten times higher. A large batch wants a longer schedule.warmUpShare.',
      },
    }
  },
}
