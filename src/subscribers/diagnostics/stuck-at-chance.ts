import { type Detector, smooth } from './detector.ts'

/** After so many steps a model that learns is measurably below the loss of guessing. */
const patience = 200

/** The loss stays at ln(batch size), which guessing among a batch's pairs gives; one that passes by does not stay. */
export const stuckAtChance: Detector<{ seen: number; loss: number; steps: number; stuck: boolean }> = {
  code: 'stuck-at-chance',
  initial: { seen: 0, loss: 0, steps: 0, stuck: false },
  observe(state, event) {
    if (event.type !== 'step.completed' || !Number.isFinite(event.data.loss)) return { state }
    const loss = smooth(state.loss, event.data.loss, state.seen)
    const chance = Math.log(event.data.examples)
    const steps = Math.abs(loss - chance) < 0.02 * chance ? state.steps + 1 : 0
    const stuck = steps >= patience
    const next = { state: { seen: state.seen + 1, loss, steps, stuck } }
    if (!stuck || state.stuck) return next
    return {
      ...next,
      diagnosis: {
        severity: 'warning',
        step: event.data.step,
        evidence: { loss, chance, steps, logitScale: event.data.logitScale, learningRate: event.data.learningRate },
        advice:
          'Check that pictures and captions belong together, then try another learning rate; a large batch needs a longer warm-up.',
      },
    }
  },
}
