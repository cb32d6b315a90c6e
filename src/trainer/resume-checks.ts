import { isDeepStrictEqual } from 'node:util'
import type { Plan, Progress } from '../../machines/trainer-context.ts'
import type { TrainingData, TrainingEvent } from '../events/training-events.ts'
import { type Environment, environmentDifferences } from '../history/environment-differences.ts'
import type { Journal } from '../journal/journal.ts'
import { runStream } from '../storage/store.ts'
import type { ModelFingerprint } from './model-fingerprint.ts'
import { EnvironmentChangedError, ResumeError } from './trainer-errors.ts'

/**
 * @throws EnvironmentChangedError when the run's last attempt was made where its bits came out differently, and that
 *   is not allowed
 * @throws ResumeError when it has made no step: then its record, which no later event corrects, would be wrong
 */
export function assertSameEnvironment(
  journal: Journal,
  run: string,
  environment: Environment,
  { allowDifferentEnvironment = false }: { readonly allowDifferentEnvironment?: boolean },
): void {
  let last: Environment | undefined
  let isFork = false
  const types = ['run.created', 'run.resumed']
  const events = journal.read({ stream: runStream(run), types }) as Iterable<
    TrainingEvent<'run.created' | 'run.resumed'>
  >
  for (const { type, data } of events) {
    last = data.environment
    isFork ||= type === 'run.created' && data.parent !== null
  }
  const differences = last === undefined ? [] : environmentDifferences(last, environment)
  if (differences.length === 0) return
  if (journal.readPage({ stream: runStream(run), types: ['run.started'] }, 1).length === 0) {
    throw new ResumeError(
      `The run ${run} has no step yet, and what is recorded of it is not so here: ${differences.join('; ')}. ${isFork ? 'Make another fork here' : 'Begin a new run'}.`,
    )
  }
  if (!allowDifferentEnvironment) throw new EnvironmentChangedError(run, differences)
}

/**
 * @param step the step that the run goes on after
 * @throws ResumeError when the model is not the one that the run began with: its arrays always, its values only where
 *   no checkpoint replaces them
 */
export function assertSameModel(journal: Journal, run: string, model: ModelFingerprint, step: number): void {
  const [started] = journal.readPage({ stream: runStream(run), types: ['run.started'] }, 1)
  const before = (started as TrainingEvent<'run.started'>).data.model
  if (before === null || (before.layout === model.layout && (step > 0 || before.sha256 === model.sha256))) return
  const difference =
    before.layout === model.layout
      ? 'its weights before the first step are others, and there is no checkpoint to take them from'
      : `its arrays are others (${before.parameters} numbers then, ${model.parameters} now)`
  throw new ResumeError(
    `The model of ${run} is not what it was: ${difference}. Hand in the model that the run began with, or begin a new run.`,
  )
}

/** @throws ResumeError when the data is not what the run began with */
export function assertSameData(journal: Journal, run: string, data: TrainingData<'run.started'>['data']): void {
  const [started] = journal.readPage({ stream: runStream(run), types: ['run.started'] }, 1)
  const before = (started as TrainingEvent<'run.started'>).data.data
  if (isDeepStrictEqual(before, data)) return
  throw new ResumeError(
    `The data of ${run} is not what it was, so the run cannot go on: it began with ${JSON.stringify(before)} and finds ${JSON.stringify(data)}. Restore the data, or begin a new run.`,
  )
}

/** @throws ResumeError when a fork's first attempt finds data by which it cannot have come as far as it has */
export function assertSameEpochs(
  run: string,
  { step, epoch, epochsCompleted }: Progress,
  { stepsPerEpoch }: Pick<Plan, 'stepsPerEpoch'>,
): void {
  const [begin, end] = [(epoch - 1) * stepsPerEpoch, epoch * stepsPerEpoch]
  if (begin <= step && (epochsCompleted < epoch ? step <= end : step === end)) return
  const done = `${epochsCompleted} ${epochsCompleted === 1 ? 'epoch' : 'epochs'}`
  throw new ResumeError(
    `The data of ${run} makes ${stepsPerEpoch} steps an epoch, but the run has done ${step} steps and ${done} already, so they cannot be counted on. Give the data that it was forked with.`,
  )
}
