import type { TrainingEvent } from '../events/training-events.ts'

/** What was measured at one step on one split: the form in which the collector and the detectors take metrics. */
export interface Observation {
  /** `train`, the name of an evaluated split, or whatever else was measured, such as `gradients`. */
  readonly split: string
  readonly step: number
  readonly values: Readonly<Record<string, number>>
}

/**
 * The observation that a fact of a run makes, or undefined where it makes none. A step gives what it measured under
 * the split `train`, with `skipped: 1` where its update was left out; an evaluation gives its metrics under its split;
 * observed gradients give the norm of every layer under `gradients`.
 */
export function observationOf(event: TrainingEvent): Observation | undefined {
  switch (event.type) {
    case 'step.completed': {
      const { step, loss, learningRate, logitScale, gradientNorm, examples, durationMs, dataWaitMs, metrics } =
        event.data
      const measured = { loss, learningRate, logitScale, gradientNorm, examples, durationMs, dataWaitMs }
      return { split: 'train', step, values: Object.assign(measured, metrics) }
    }
    case 'step.skipped': {
      const { step, loss, learningRate, gradientNorm, examples, durationMs, dataWaitMs } = event.data
      const measured = { loss, learningRate, gradientNorm, examples, durationMs, dataWaitMs }
      return { split: 'train', step, values: { ...measured, skipped: 1 } }
    }
    case 'gradients.observed': {
      const norms = event.data.layers.map(({ layer, norm }) => [layer, norm] as const)
      return { split: 'gradients', step: event.data.step, values: Object.fromEntries(norms) }
    }
    case 'evaluation.completed':
      return { split: event.data.split, step: event.data.step, values: event.data.metrics }
    default:
      return undefined
  }
}
