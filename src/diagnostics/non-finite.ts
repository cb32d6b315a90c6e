import type { Detector } from './detector.ts'
import { trainSplits } from './splits.ts'

/**
 * A step whose loss or gradients were not finite, whatever the trainer made of it. Raised at the first of several in a
 * row, and again after a good one.
 */
export const nonFinite: Detector<{ failing: boolean }> = {
  code: 'non-finite',
  splits: trainSplits,
  initial: { failing: false },
  observe(state, { values }) {
    const { loss, gradientNorm, skipped } = values
    const failing = skipped === 1 || !isFiniteOrAbsent(loss) || !isFiniteOrAbsent(gradientNorm)
    if (failing === state.failing) return { state }
    if (!failing) return { state: { failing } }
    return {
      state: { failing },
      finding: {
        severity: 'error',
        evidence: evidenceOf(values),
        advice:
          'Nothing is learnt from such a step. If it happens again, lower optimizer.learningRate, lengthen schedule.warmUpShare or clip at a smaller optimizer.clipNorm.',
      },
    }
  },
}

function isFiniteOrAbsent(value: number | undefined): boolean {
  return value === undefined || Number.isFinite(value)
}

function evidenceOf(values: Readonly<Record<string, number>>): Record<string, number> {
  const told = ['loss', 'gradientNorm', 'learningRate'].flatMap(name => {
    const value = values[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return Object.fromEntries(told)
}
