import type { AnyStateMachine, SnapshotFrom } from 'xstate'
import { checkpointMachine } from '../../../machines/checkpoint.ts'
import { trainerMachine } from '../../../machines/trainer.ts'
import type { RecordedEvent } from '../../events/recorded-event.ts'
import type { TrainingEvent } from '../../events/training-events.ts'
import { type FoldResult, foldEvent, initialFold } from '../../journal/fold.ts'
import type { Journal } from '../../journal/journal.ts'
import { actorMessage, eventMessage, type InspectionMessage, snapshotMessage } from '../stately-messages.ts'

/** The lifecycle's session in what is told of a past run. */
const trainerSession = 'trainer'

type CheckpointEvent = TrainingEvent<'checkpoint.captured' | 'checkpoint.saved' | 'checkpoint.failed'>

interface CheckpointActor {
  readonly sessionId: string
  readonly state: FoldResult<typeof checkpointMachine>
}

/**
 * Tells a past run as inspectors are told of a live one: what the machines went through, folded from the log with the
 * definitions that train. The lifecycle and the checkpoints are told; what subscribers and workers were at is in no log.
 */
export class RunMessages {
  readonly #tell: (message: InspectionMessage) => void
  #trainer: FoldResult<typeof trainerMachine>
  /** The latest of each name: a resumed run may write one anew. */
  readonly #checkpoints = new Map<string, CheckpointActor>()

  /**
   * @param begin the state of the lifecycle to begin from
   * @param tell is told every message
   */
  constructor(
    tell: (message: InspectionMessage) => void,
    { begin = initialFold(trainerMachine), at }: { begin?: FoldResult<typeof trainerMachine>; at?: number } = {},
  ) {
    this.#tell = tell
    this.#trainer = begin
    const actor = { rootId: trainerSession, sessionId: trainerSession, at }
    tell(
      actorMessage({ ...actor, name: 'trainer', parentId: undefined, logic: trainerMachine, snapshot: begin.snapshot }),
    )
    tell(snapshotMessage({ ...actor, event: { type: 'xstate.init' }, snapshot: begin.snapshot }))
  }

  /** Tells of one more event what came of it. */
  take(event: RecordedEvent): void {
    const before = this.#trainer
    this.#trainer = foldEvent(trainerMachine, before, event)
    this.#told(trainerSession, undefined, event, this.#trainer.snapshot)
    if (isOfCheckpoint(event)) this.takeCheckpoint(event)
  }

  /** Tells of an event only what came of its checkpoint. */
  takeCheckpoint(event: CheckpointEvent): void {
    const name = event.data.checkpoint
    if (event.type === 'checkpoint.captured') this.#register(name, event)
    const actor = this.#checkpoints.get(name)
    if (actor === undefined) return
    const state = foldEvent(checkpointMachine, actor.state, event)
    this.#checkpoints.set(name, { ...actor, state })
    this.#told(actor.sessionId, trainerSession, event, state.snapshot)
  }

  #register(name: string, { version, at }: CheckpointEvent): void {
    const actor = { sessionId: `${name} (event ${version})`, state: initialFold(checkpointMachine) }
    this.#checkpoints.set(name, actor)
    this.#tell(
      actorMessage({
        ...{ rootId: trainerSession, sessionId: actor.sessionId, parentId: trainerSession, at },
        ...{ name, logic: checkpointMachine, snapshot: actor.state.snapshot },
      }),
    )
  }

  #told<Machine extends AnyStateMachine>(
    sessionId: string,
    sourceId: string | undefined,
    { type, data, version, at }: RecordedEvent,
    snapshot: SnapshotFrom<Machine>,
  ): void {
    const actor = { rootId: trainerSession, sessionId, at }
    const event = { type, data, version }
    this.#tell(eventMessage({ ...actor, sourceId, event }))
    this.#tell(snapshotMessage({ ...actor, event, snapshot }))
  }
}

function isOfCheckpoint(event: RecordedEvent): event is CheckpointEvent {
  return ['checkpoint.captured', 'checkpoint.saved', 'checkpoint.failed'].includes(event.type)
}

/**
 * Tells what a run has come to and its last events. Where there are more, the lifecycle begins from its state before them,
 * and of the events before only those of checkpoints are told, so that a run of any length is told in moments.
 *
 * @param options `leaveOut` is told how many are not told, before the last ones are
 */
export function tellRun(
  journal: Journal,
  stream: string,
  {
    last,
    tell,
    leaveOut,
  }: { last: number; tell: (message: InspectionMessage) => void; leaveOut: (events: number) => void },
): void {
  const after = Math.max(0, journal.streamVersion(stream) - last)
  const begin = journal.fold(stream, trainerMachine, { until: after })
  const messages = new RunMessages(tell, { begin, at: journal.readPage({ stream }, 1)[0]?.at ?? Date.now() })
  const types = ['checkpoint.captured', 'checkpoint.saved', 'checkpoint.failed']
  let leftOut = after
  for (const event of journal.read({ stream, until: after, types })) {
    messages.takeCheckpoint(event as CheckpointEvent)
    leftOut -= 1
  }
  if (leftOut > 0) leaveOut(leftOut)
  for (const event of journal.read({ stream, after })) messages.take(event)
}
