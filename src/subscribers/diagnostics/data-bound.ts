import { type Detector, smooth } from './detector.ts'

/** Training waits for data more than a fifth of the time. */
export const dataBound: Detector<{ seen: number; share: number; waiting: boolean }> = {
  code: 'data-bound',
  initial: { seen: 0, share: 0, waiting: false },
  observe(state, event) {
    if (event.type !== 'step.completed' || !(event.data.durationMs > 0)) return { state }
    const { step, dataWaitMs, durationMs } = event.data
    const share = smooth(state.share, dataWaitMs / durationMs, state.seen)
    const seen = state.seen + 1
    const waiting = seen >= 50 && share > 0.2
    if (!waiting || state.waiting) return { state: { seen, share, waiting } }
    return {
      state: { seen, share, waiting },
      diagnosis: {
        severity: 'notice',
        step,
        evidence: { share, dataWaitMs, durationMs },
        advice:
          'Decode once into the cache, augment less, or use smaller pictures: the model could train faster than the data comes.',
      },
    }
  },
}
