import type { CommandName } from '../answers/commands.ts'

export const commandNames = ['pause', 'continue', 'evaluate', 'save', 'stop'] as const satisfies readonly CommandName[]

/** The way to the run that is trained beside the dashboard. */
export interface Commander {
  /** The run that takes commands; every other one is only looked at. */
  readonly run: string
  /** Asks something of the run. @returns why it was refused, in a sentence; null where it was accepted */
  ask(command: CommandName): Promise<string | null>
}
