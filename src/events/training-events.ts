import { checkpointCaptured, checkpointDeleted, checkpointFailed, checkpointSaved } from './checkpoint-events.ts'
import type { FactOf } from './define-event.ts'
import { diagnosisRaised } from './diagnosis-events.ts'
import { evaluationCompleted, evaluationStarted } from './evaluation-events.ts'
import { gradientsObserved, parametersObserved } from './observation-events.ts'
import type { RecordedEvent } from './recorded-event.ts'
import {
  runCompleted,
  runContinued,
  runCreated,
  runEarlyStopped,
  runFailed,
  runInterrupted,
  runPaused,
  runResumed,
  runStarted,
  weightsRestored,
} from './run-events.ts'
import { epochCompleted, epochStarted, sampleSkipped, stepCompleted, stepSkipped } from './step-events.ts'

/** Every event of a run, in the order in which a newcomer best reads about them. */
export const trainingEvents = [
  runCreated,
  sampleSkipped,
  runStarted,
  epochStarted,
  parametersObserved,
  gradientsObserved,
  stepCompleted,
  stepSkipped,
  epochCompleted,
  evaluationStarted,
  evaluationCompleted,
  checkpointCaptured,
  checkpointSaved,
  checkpointFailed,
  checkpointDeleted,
  diagnosisRaised,
  runPaused,
  runContinued,
  runInterrupted,
  runResumed,
  weightsRestored,
  runEarlyStopped,
  runCompleted,
  runFailed,
] as const

/** A fact about a run, as it is appended. */
export type TrainingFact = FactOf<(typeof trainingEvents)[number]>

/** The name of a type of fact about a run, such as `'evaluation.completed'`. */
export type TrainingEventType = TrainingFact['type']

/** The data of one type of fact. */
export type TrainingData<Type extends TrainingEventType> = Extract<TrainingFact, { type: Type }>['data']

/** A fact about a run as the journal holds it; narrow it by `type`. */
export type TrainingEvent<Type extends TrainingEventType = TrainingEventType> = {
  [Each in Type]: RecordedEvent<Each, TrainingData<Each>>
}[Type]

const types: ReadonlySet<string> = new Set(trainingEvents.map(definition => definition.type))

/** Whether a recorded event is one of a run's own, rather than an application's. */
export function isTrainingEvent(event: RecordedEvent): event is TrainingEvent {
  return types.has(event.type)
}
