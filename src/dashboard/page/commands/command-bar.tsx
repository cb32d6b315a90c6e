import { useEffect, useRef } from 'preact/hooks'
import type { CommandName, CommandsAnswer } from '../../answers/commands.ts'
import { runAddress } from '../data/get-answer.ts'
import { useAnswer } from '../data/use-answer.ts'
import { asWords, formatCount } from '../parts/format.ts'
import { CommandStatus } from './command-status.tsx'
import { StopDialog } from './stop-dialog.tsx'
import { commandWords } from './told-facts.ts'
import type { Commands } from './use-commands.ts'

interface CommandBarProperties {
  run: string
  /** The version of the run's last event. */
  head: number
  commands: Commands
}

const needsToken = 'This needs the token: open the address that was printed when training began.'
const asking = 'It is being asked what the run is at.'

/** What may be asked of the run that is trained beside this server: always the run of now, whatever moment is shown. */
export function CommandBar({ run, head, commands }: CommandBarProperties) {
  const { answer, error, again } = useAnswer<CommandsAnswer>(runAddress(run, '/commands'))
  const stopDialog = useRef<HTMLDialogElement>(null)
  // Whatever has happened may have changed what makes sense.
  useEffect(again, [head, again])
  const reasonAgainst = (command: CommandName) => {
    if (answer === null) return error ?? asking
    return answer.hasToken ? answer.refusals[command] : needsToken
  }
  const press = (command: CommandName) => {
    const reason = reasonAgainst(command)
    if (reason !== null) commands.refuse(command, reason)
    else if (command === 'stop') stopDialog.current?.showModal()
    else commands.send(command)
  }
  return (
    <div class="command-bar">
      <div class="command-buttons" role="toolbar" aria-label="Commands">
        {(Object.keys(commandWords) as CommandName[]).map(command => (
          <CommandButton
            key={command}
            command={command}
            reason={reasonAgainst(command)}
            isUnderWay={commands.underWay.includes(command)}
            press={() => press(command)}
          />
        ))}
        {answer !== null && (
          <p class="quiet">
            They act on the run as it is now: {asWords(answer.state)}, at step {formatCount(answer.step)}.
          </p>
        )}
      </div>
      <CommandStatus run={run} commands={commands} />
      <StopDialog run={run} dialog={stopDialog} stop={() => commands.send('stop')} />
    </div>
  )
}

interface CommandButtonProperties {
  command: CommandName
  /** Why it makes no sense now; null where it does. */
  reason: string | null
  isUnderWay: boolean
  press: () => void
}

/** A button that cannot be used can be reached all the same, so that its reason can be heard and read. */
function CommandButton({ command, reason, isUnderWay, press }: CommandButtonProperties) {
  const isDisabled = reason !== null || isUnderWay
  const description = isUnderWay ? commandWords[command].underWay : (reason ?? '')
  return (
    <>
      <button
        type="button"
        data-command={command}
        aria-disabled={isDisabled}
        aria-busy={isUnderWay}
        aria-describedby={`${command}-reason`}
        title={description}
        onClick={() => !isUnderWay && press()}
      >
        {commandWords[command].label}
      </button>
      <span id={`${command}-reason`} class="unseen">
        {description}
      </span>
    </>
  )
}
