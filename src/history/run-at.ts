import type { StateFrom } from 'xstate'
import { trainerMachine } from '../../machines/trainer.ts'
import type { Progress, TrainerContext } from '../../machines/trainer-context.ts'
import { ChronogradError } from '../errors/chronograd-error.ts'
import type { TrainingData, TrainingEvent } from '../events/training-events.ts'
import type { Journal } from '../journal/journal.ts'
import { runStream } from '../storage/store.ts'
import { type Attempt, readAttempts } from './attempts.ts'
import { readCourse } from './course.ts'
import { firstFrom, stepTypes } from './find-step.ts'
import { type MetricStanding, metricsAt } from './metrics-at.ts'
import { supersededBy } from './superseded.ts'
import { type RunMoment, versionOf } from './version-of-step.ts'

/** A run as it stood at a moment. */
export interface RunStanding {
  readonly run: string
  /** That of the last event that belongs to the moment. */
  readonly version: number
  /** The trainer machine's state. */
  readonly state: StateFrom<typeof trainerMachine>['value']
  /** The attempt that went on from before the moment, so that it is no longer part of the run's course; null where none did. */
  readonly supersededBy: number | null
  /** When the last event was appended, in milliseconds since 1970. */
  readonly at: number
  readonly context: TrainerContext
  /** The last step that was completed, of the run's course as it was then; null where there was none. */
  readonly step: TrainingData<'step.completed'> | null
  /** The latest evaluation of that course. */
  readonly evaluation: TrainingData<'evaluation.completed'> | null
  /** What every metric had come to. */
  readonly metrics: readonly MetricStanding[]
  readonly diagnoses: readonly TrainingData<'diagnosis.raised'>[]
}

/**
 * A run as it stood after a step: its state and progress, its latest step and evaluation, its metrics, checkpoints and
 * diagnoses. It takes some milliseconds, however long the run is and wherever its steps lie.
 *
 * @param moment `step`: after it, in the last attempt that did it; 0 for before the first. `attempt`: in this attempt, also
 *   where a later one went on from before; without a step, as it ended. `version`: after this event. Without any, as the run
 *   stands now
 * @throws NoSuchMomentError when the run has no such step, attempt or event
 * @throws ChronogradError when there is no such run
 *
 * @example
 * const { state, context, step, metrics } = runAt(journal, 'emoji', { step: 1_200 })
 * console.log(state, context.progress.epoch, step?.loss)
 */
export function runAt(journal: Journal, run: string, moment: RunMoment = {}): RunStanding {
  const stream = runStream(run)
  if (journal.streamVersion(stream) === 0) {
    throw new ChronogradError(
      `There is no run ${run} in the journal ${journal.path}; \`chronograd runs\` lists those there are.`,
    )
  }
  const attempts = readAttempts(journal, stream)
  const { snapshot, version } = journal.fold(stream, trainerMachine, {
    until: versionOf(journal, run, attempts, moment),
  })
  const { plan, progress } = snapshot.context
  const [last] = journal.readPage({ stream, after: version - 1 }, 1)
  const [evaluation] = readCourse(journal, stream, {
    until: version,
    types: ['evaluation.completed'],
    backwards: true,
  }) as Iterable<TrainingEvent<'evaluation.completed'>>
  const diagnoses = readCourse(journal, stream, { until: version, types: ['diagnosis.raised'] })
  const begun = attempts.filter(attempt => attempt.version <= version)
  return {
    run,
    version,
    state: snapshot.value,
    supersededBy: (last && supersededBy(last, attempts)) ?? null,
    at: last?.at ?? 0,
    context: snapshot.context,
    step: lastCompleted(journal, stream, begun, progress),
    evaluation: evaluation?.data ?? null,
    metrics: metricsAt(journal, stream, version, plan === null ? {} : { [plan.metric.name]: plan.metric.better }),
    diagnoses: Array.from(diagnoses as Iterable<TrainingEvent<'diagnosis.raised'>>, ({ data }) => data),
  }
}

/** The step that a run's progress says was completed last, as the last attempt told it that did it. */
function lastCompleted(
  journal: Journal,
  stream: string,
  attempts: readonly Attempt[],
  { step, stepsSkippedInARow }: Progress,
): TrainingData<'step.completed'> | null {
  const last = step - stepsSkippedInARow
  for (const attempt of attempts.toReversed()) {
    const fact = firstFrom(journal, stream, attempt, last, stepTypes)
    if (fact?.type === 'step.completed' && fact.data.step === last) return fact.data
  }
  return null
}
