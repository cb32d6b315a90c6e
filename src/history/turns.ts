import type { TrainingEvent, TrainingEventType } from '../events/training-events.ts'
import type { Journal } from '../journal/journal.ts'
import type { Attempt } from './attempts.ts'
import { supersededBy } from './superseded.ts'

/** A scheduled evaluation, and what it measured of the metric that the run goes by. */
export interface Judgement {
  readonly version: number
  readonly step: number
  /** Undefined where it did not measure that metric. */
  readonly value: number | undefined
}

/** What turned a run one way or the other, from its log. Of superseded steps there is nothing. */
export interface Turns {
  readonly created: TrainingEvent<'run.created'>
  readonly judgements: readonly Judgement[]
  readonly diagnoses: readonly TrainingEvent<'diagnosis.raised'>[]
  readonly pauses: readonly TrainingEvent<'run.paused'>[]
  /** The versions of the facts that checkpoints were saved, by checkpoint. */
  readonly saved: ReadonlyMap<string, number>
  readonly restored: TrainingEvent<'weights.restored'> | undefined
  /** The latest fact that ended an attempt, or the run. */
  readonly ended: TrainingEvent<EndingType> | undefined
}

const endings = ['run.completed', 'run.early-stopped', 'run.interrupted', 'run.failed'] as const
type EndingType = (typeof endings)[number]

const types = [
  'run.created',
  'evaluation.completed',
  'diagnosis.raised',
  'run.paused',
  'checkpoint.saved',
  'weights.restored',
  ...endings,
] as const satisfies readonly TrainingEventType[]

/**
 * Reads the turns of a run in one pass over its rarer events; undefined where there is no such run.
 *
 * @param attempts those of the run
 */
export function readTurns(journal: Journal, stream: string, attempts: readonly Attempt[]): Turns | undefined {
  const metric = attempts.at(-1)?.plan.metric.name ?? ''
  const saved = new Map<string, number>()
  const judgements: Judgement[] = []
  const diagnoses: TrainingEvent<'diagnosis.raised'>[] = []
  const pauses: TrainingEvent<'run.paused'>[] = []
  let created: TrainingEvent<'run.created'> | undefined
  let restored: TrainingEvent<'weights.restored'> | undefined
  let ended: TrainingEvent<EndingType> | undefined
  for (const event of journal.read({ stream, types }) as Iterable<TrainingEvent<(typeof types)[number]>>) {
    if (supersededBy(event, attempts) !== undefined) continue
    if (event.type === 'run.created') created = event
    else if (event.type === 'checkpoint.saved') saved.set(event.data.checkpoint, event.version)
    else if (event.type === 'diagnosis.raised') diagnoses.push(event)
    else if (event.type === 'run.paused') pauses.push(event)
    else if (event.type === 'weights.restored') restored = event
    else if (event.type !== 'evaluation.completed') ended = event
    else if (event.data.reason === 'scheduled') {
      judgements.push({ version: event.version, step: event.data.step, value: event.data.metrics[metric] })
    }
  }
  return created && { created, judgements, diagnoses, pauses, saved, restored, ended }
}
