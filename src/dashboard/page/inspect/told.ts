import type { StatelyActorEvent, StatelyEventEvent, StatelySnapshotEvent } from '@statelyai/inspect'
import { type Keepable, KeptMessages } from '../../../inspect/kept-messages.ts'
import type { LiveMessages } from '../../inspector/answers.ts'

type Kind<Message extends { readonly type: string }> = Keepable & {
  readonly kind: Message['type']
  readonly message: Message
}

export type ToldActor = Kind<StatelyActorEvent>
export type ToldEvent = Kind<StatelyEventEvent>
export type ToldSnapshot = Kind<StatelySnapshotEvent>

/** A message as the page keeps it. */
export type Told = ToldActor | ToldEvent | ToldSnapshot

/** What one program has told so far, kept by the same rule as the server does. */
export class Inspected {
  readonly kept = new KeptMessages<Told>()
  readonly program: string | null
  letGo = 0

  constructor(program: string | null) {
    this.program = program
  }

  take({ letGo, messages }: LiveMessages): void {
    this.letGo = letGo
    for (const [number, size, message] of messages) {
      this.kept.add({ kind: message.type, sessionId: message.sessionId, number, size, message } as Told)
    }
  }
}
