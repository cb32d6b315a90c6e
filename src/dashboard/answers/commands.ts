import type { TrainerCommand } from '../../../machines/trainer-context.ts'

/** What a person may ask of a run, as the machine knows it. */
export type CommandName = TrainerCommand['type']

/** `GET /api/runs/:run/commands`: what may be asked of a run now, where this server takes commands for it. */
export interface CommandsAnswer {
  /** The lifecycle's state now, and the step that it has come to. */
  readonly state: string
  readonly step: number
  /** Whether who asks has shown the token, without which no command is taken. */
  readonly hasToken: boolean
  /** Why each command makes no sense now, in a sentence; null where it does. */
  readonly refusals: Readonly<Record<CommandName, string | null>>
}

/** `POST /api/runs/:run/commands` of `{ "command": NAME }`: it was accepted, and a fact will tell what came of it. */
export interface CommandAnswer {
  readonly accepted: CommandName
}
