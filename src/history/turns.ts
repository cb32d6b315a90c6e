import type { Progress } from '../../machines/trainer-context.ts'
import type { TrainingEvent, TrainingEventType } from '../events/training-events.ts'
import type { Journal } from '../journal/journal.ts'
import type { Attempt } from './attempts.ts'
import { type Judgement, readJudgements } from './judgements.ts'
import { supersededBy } from './superseded.ts'

/** What turned a run one way or the other, from its log. Of superseded steps there is nothing. */
export interface Turns {
  readonly created: TrainingEvent<'run.created'>
  /** The latest evaluations by which it was judged, and the best one. */
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
  'diagnosis.raised',
  'run.paused',
  'checkpoint.saved',
  'weights.restored',
  ...endings,
] as const satisfies readonly TrainingEventType[]

/**
 * Reads the turns of a run from its rarer events; undefined where there is no such run.
 *
 * @param attempts those of the run
 * @param progress how far it has come
 */
export function readTurns(
  journal: Journal,
  stream: string,
  attempts: readonly Attempt[],
  { best }: Progress,
): Turns | undefined {
  const saved = new Map<string, number>()
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
    else ended = event
  }
  if (created === undefined) return undefined
  const judgements = readJudgements(journal, stream, attempts, best)
  return { created, judgements, diagnoses, pauses, saved, restored, ended }
}
