import type { TrainingEvent } from '../events/training-events.ts'
import { observationOf } from '../metrics/observation.ts'
import { detectors } from './detectors.ts'
import { type DetectorStates, observe } from './diagnose.ts'
import type { Diagnosis } from './diagnosis.ts'

/** The events that a diagnosis depends on. */
export const diagnosedTypes = [
  'step.completed',
  'step.skipped',
  'gradients.observed',
  'evaluation.completed',
  'checkpoint.captured',
  'checkpoint.failed',
  'checkpoint.deleted',
  'run.resumed',
] as const

/** What is known of a run up to one of its events: what was found, and what the detectors remember, now and at checkpoints. */
export interface Diagnosed {
  readonly found: readonly Diagnosis[]
  readonly states: DetectorStates
  readonly atCheckpoints: ReadonlyMap<string, DetectorStates>
}

const nothingYet: Diagnosed = { found: [], states: {}, atCheckpoints: new Map() }

/**
 * Looks for faults in a whole run, as its log tells it now: what superseded steps showed is left out, and an attempt
 * goes on with what the detectors remembered at its checkpoint.
 *
 * @param events the run's facts in order; only those of `diagnosedTypes` matter
 * @param before what is known of the run already, from the events before these
 */
export function diagnoseRun(events: Iterable<TrainingEvent>, before: Diagnosed = nothingYet): Diagnosis[] {
  let found = [...before.found]
  let { states } = before
  const atCheckpoints = new Map(before.atCheckpoints)
  for (const event of events) {
    if (event.type === 'checkpoint.captured') atCheckpoints.set(event.data.checkpoint, states)
    if (event.type === 'checkpoint.failed' || event.type === 'checkpoint.deleted') {
      atCheckpoints.delete(event.data.checkpoint)
    }
    if (event.type === 'run.resumed') {
      const { checkpoint, step } = event.data
      found = found.filter(diagnosis => diagnosis.step <= step)
      states = (checkpoint === null ? undefined : atCheckpoints.get(checkpoint)) ?? {}
    }
    const observation = observationOf(event)
    if (observation === undefined) continue
    const shown = observe(detectors, states, observation)
    states = shown.states
    found.push(...shown.diagnoses)
  }
  return found
}
