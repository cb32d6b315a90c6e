import { useState } from 'preact/hooks'
import type { CommandAnswer, CommandName } from '../../answers/commands.ts'
import type { LiveEvents } from '../../answers/live.ts'
import type { LoggedEvent } from '../../answers/logged-events.ts'
import { postAnswer, runAddress } from '../data/get-answer.ts'
import { factOf, isOver } from './told-facts.ts'

/** What came last of a command: its fact, or why there will be none. */
export type Outcome =
  | { readonly command: CommandName; readonly fact: LoggedEvent }
  | { readonly command: CommandName; readonly refusal: string }

/** What was asked of a run on this page. */
export interface Commands {
  /** The commands whose facts have not come yet. */
  readonly underWay: readonly CommandName[]
  readonly outcome: Outcome | null
  readonly send: (command: CommandName) => void
  /** To be told of the run's events as they come. */
  readonly told: (events: LiveEvents) => void
  /** Says why a command is not even sent. */
  readonly refuse: (command: CommandName, refusal: string) => void
}

interface Known {
  readonly underWay: readonly CommandName[]
  readonly outcome: Outcome | null
}

/** Asks things of a run, and waits for the facts that tell what came of it. */
export function useCommands(run: string): Commands {
  const [known, setKnown] = useState<Known>({ underWay: [], outcome: null })
  const refuse = (command: CommandName, refusal: string) =>
    setKnown(({ underWay }) => ({
      underWay: underWay.filter(each => each !== command),
      outcome: { command, refusal },
    }))
  return {
    ...known,
    refuse,
    send: command => {
      setKnown(({ underWay }) => ({ underWay: [...underWay.filter(each => each !== command), command], outcome: null }))
      postAnswer<CommandAnswer>(runAddress(run, '/commands'), { command }).catch((error: Error) =>
        refuse(command, error.message),
      )
    },
    told: events => setKnown(before => heard(before, events)),
  }
}

function heard(known: Known, events: LiveEvents): Known {
  let { underWay, outcome } = known
  if (underWay.length === 0) return known
  for (const command of underWay) {
    const fact = factOf(command, events)
    if (fact === undefined) continue
    underWay = underWay.filter(each => each !== command)
    outcome = { command, fact }
  }
  return isOver(events) ? { underWay: [], outcome } : { underWay, outcome }
}
