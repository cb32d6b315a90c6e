import { useState } from 'preact/hooks'
import type { MachineAnswer } from '../../answers/machine.ts'
import type { MomentAnswer } from '../../answers/run.ts'
import { useAnswer } from '../data/use-answer.ts'
import { asWords } from '../parts/format.ts'
import { Notice } from '../parts/notice.tsx'
import { Panel } from '../parts/panel.tsx'
import { StatechartDrawing } from '../statechart/statechart-drawing.tsx'

/** The lifecycle's statechart, with the state of the moment lit and the way drawn that led there. */
export function MachinePanel({ moment }: { moment: MomentAnswer }) {
  const { answer: machine, error } = useAnswer<MachineAnswer>('api/machines/trainer')
  const [isWhole, setWhole] = useState(false)
  const { stateBefore, state, event } = moment
  return (
    <Panel
      name="machine"
      title="Lifecycle"
      aside={
        <button type="button" aria-pressed={isWhole} onClick={() => setWhole(!isWhole)}>
          Whole machine
        </button>
      }
    >
      <p class="transition">
        {stateBefore === state ? (
          <>
            <code>{event.type}</code> in <b>{asWords(state)}</b>
          </>
        ) : (
          <>
            <b>{asWords(stateBefore)}</b> → <code>{event.type}</code> → <b>{asWords(state)}</b>
          </>
        )}
      </p>
      {error !== null && <Notice kind="error">{error}</Notice>}
      <div class="machine-drawing" data-whole={isWhole} data-scrolls>
        {machine !== null && (
          <StatechartDrawing
            before={JSON.stringify(stateBefore)}
            after={JSON.stringify(state)}
            event={event.type}
            {...{ machine, isWhole }}
          />
        )}
      </div>
    </Panel>
  )
}
