import type { NewEvent } from '../../src/events/recorded-event.ts'
import type { TrainingData, TrainingFact } from '../../src/events/training-events.ts'
import { forkedFrom, runCreated } from './training-facts.ts'

type Creation = TrainingData<'run.created'>

/** That a run was created with these settings. */
export function createdWith(config: Creation['config'], changes: Partial<Creation> = {}): TrainingFact {
  const { data } = runCreated() as NewEvent<'run.created', Creation>
  return { type: 'run.created', data: { ...data, config, ...changes } }
}

/** That a run was created as a fork of another one after a step, whose event has this version in the parent's log. */
export function createdFrom(run: string, step: number, version = 3 * step): TrainingFact {
  return createdWith({}, { parent: { ...forkedFrom(run, step), version } })
}
