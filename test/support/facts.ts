import type { NewEvent } from '../../src/events/recorded-event.ts'
import type { TrainingData } from '../../src/events/training-events.ts'

/** The smallest fact that there is, told apart by its step. */
export function continued(step: number, rest: Pick<NewEvent, 'id' | 'meta'> = {}): NewEvent<'run.continued'> {
  return { type: 'run.continued', data: { step }, ...rest }
}

/** The facts of `count` steps, from `first` on. */
export function manyContinued(count: number, first = 1): NewEvent<'run.continued'>[] {
  return Array.from({ length: count }, (_, index) => continued(first + index))
}

/** The step of any fact that has one. */
export function stepOf(event: { readonly data: unknown }): number {
  return (event.data as { step: number }).step
}

export function paused(step: number, reason = 'asked'): NewEvent<'run.paused'> {
  return { type: 'run.paused', data: { step, reason } }
}

/** A fact that others rely on at once: its append waits for the disk. */
export function checkpointDeleted(step: number): NewEvent<'checkpoint.deleted'> {
  return { type: 'checkpoint.deleted', data: { checkpoint: `step-${step}`, step, uri: `step-${step}.safetensors` } }
}

export function stepCompleted(
  step: number,
  rest: Partial<TrainingData<'step.completed'>> = {},
): { readonly type: 'step.completed'; readonly data: TrainingData<'step.completed'> } {
  const data = {
    step,
    epoch: 1,
    batch: step,
    loss: 1 / step,
    learningRate: 5e-4,
    logitScale: 14.25,
    gradientNorm: Math.sqrt(step),
    examples: 256,
    durationMs: 68.125,
    dataWaitMs: 1.5,
    metrics: { accuracy: 1 - 1 / step },
  }
  return { type: 'step.completed', data: { ...data, ...rest } }
}
