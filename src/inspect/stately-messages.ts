import type { StatelyInspectionEvent } from '@statelyai/inspect'
import type { AnyActorRef, AnyEventObject, AnyMachineSnapshot, InspectionEvent } from 'xstate'
import { configurationOf, definitionOf } from './definition.ts'
import { plainValue } from './plain-value.ts'

/** A message of Stately's inspection protocol, on its way or kept: as JSON, with what must be known to keep it. */
export interface InspectionMessage {
  readonly kind: StatelyInspectionEvent['type']
  readonly sessionId: string
  readonly text: string
}

/** The version of Stately's package whose messages these are. */
export const protocolVersion = '0.7.2'

/** An actor as it is: the type by which XState hands it on says less. */
type InspectedActor = AnyActorRef & { readonly logic: unknown }

/** What XState tells its inspector, as a message; undefined for what the protocol has no message for. */
export function messageOf(event: InspectionEvent): InspectionMessage | undefined {
  if (event.type === '@xstate.microstep' || event.type === '@xstate.action') return undefined
  const actor = event.actorRef as InspectedActor
  const { rootId } = event
  const { sessionId } = actor
  if (event.type === '@xstate.actor') {
    return actorMessage({
      ...{ rootId, sessionId, parentId: actor._parent?.sessionId },
      name: nameOf(actor),
      logic: actor.logic,
      snapshot: snapshotOf(actor),
    })
  }
  if (event.type === '@xstate.event') {
    return eventMessage({ rootId, sessionId, sourceId: event.sourceRef?.sessionId, event: event.event })
  }
  return snapshotMessage({ rootId, sessionId, event: event.event, snapshot: event.snapshot })
}

/** Where a message belongs, and when what it tells happened: now unless given. */
interface Told {
  readonly rootId: string
  readonly sessionId: string
  readonly at?: number | undefined
}

/** There is a new actor. */
export function actorMessage(
  given: Told & {
    readonly name: string
    readonly parentId: string | undefined
    readonly logic: unknown
    readonly snapshot: unknown
  },
): InspectionMessage {
  return message('@xstate.actor', given, {
    name: given.name,
    parentId: given.parentId,
    definition: definitionOf(given.logic, given.name),
    snapshot: plainSnapshot(given.snapshot),
  })
}

/** An actor was sent an event. */
export function eventMessage(
  given: Told & { readonly sourceId: string | undefined; readonly event: AnyEventObject },
): InspectionMessage {
  return message('@xstate.event', given, { sourceId: given.sourceId, event: plainValue(given.event) })
}

/** An actor has handled an event. */
export function snapshotMessage(
  given: Told & { readonly event: AnyEventObject; readonly snapshot: unknown },
): InspectionMessage {
  return message('@xstate.snapshot', given, {
    event: plainValue(given.event),
    snapshot: plainSnapshot(given.snapshot),
  })
}

function message(
  kind: InspectionMessage['kind'],
  { rootId, sessionId, at = Date.now() }: Told,
  content: object,
): InspectionMessage {
  const told = {
    type: kind,
    ...content,
    ...{ sessionId, rootId, createdAt: String(at), id: null, _version: protocolVersion },
  }
  return { kind, sessionId, text: JSON.stringify(told) }
}

/** The name of an actor that has none of its own is that of its machine. */
function nameOf({ id, sessionId, logic }: InspectedActor): string {
  const name = configurationOf(logic)?.id
  return id === sessionId && typeof name === 'string' ? name : id
}

/** An actor is registered while it is made: XState gives no snapshot before that is done, and tells it later. */
function snapshotOf(actor: AnyActorRef): unknown {
  try {
    return actor.getSnapshot() ?? { status: 'active' }
  } catch {
    return { status: 'active' }
  }
}

/** Of a machine's snapshot what it is in and knows; of another's all that it has. */
function plainSnapshot(snapshot: unknown): unknown {
  if (typeof snapshot !== 'object' || snapshot === null || !('machine' in snapshot)) return plainValue(snapshot)
  const { status, value, context, output, error, tags, children } = snapshot as AnyMachineSnapshot
  return {
    ...{ status, value: plainValue(value), context: plainValue(context) },
    ...{ output: plainValue(output), error: plainValue(error) },
    ...{ tags: [...tags], children: plainValue(children) },
  }
}
