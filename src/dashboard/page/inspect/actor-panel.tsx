import { useState } from 'preact/hooks'
import { Notice } from '../parts/notice.tsx'
import { Panel } from '../parts/panel.tsx'
import { StatechartDrawing } from '../statechart/statechart-drawing.tsx'
import { formatStateValue } from './format-state.ts'
import type { Moment } from './moment.ts'
import type { ToldActor } from './told.ts'
import { isMachine, useChart } from './use-chart.ts'

/** One actor: its statechart where it is a machine, and what it knows. */
export function ActorPanel({ moment, actor }: { moment: Moment; actor: ToldActor }) {
  const [isWhole, setWhole] = useState(true)
  const { name, definition = '', sessionId } = actor.message
  const chart = useChart(sessionId, definition)
  const last = moment.snapshots.get(sessionId)
  const event = last?.message.event.type ?? ''
  const { value, ...rest } = (last ?? actor).message.snapshot as { value?: unknown }
  const before = (moment.before.get(sessionId)?.message.snapshot as { value?: unknown } | undefined)?.value
  return (
    <Panel
      name="actor"
      title={name}
      aside={
        isMachine(definition) && (
          <button type="button" aria-pressed={isWhole} onClick={() => setWhole(!isWhole)}>
            Whole machine
          </button>
        )
      }
    >
      <p class="transition">
        {value === undefined ? <b>{statusOf(rest)}</b> : <b class="value">{formatStateValue(value)}</b>}
        {event !== '' && (
          <>
            {' after '}
            <code>{event}</code>
          </>
        )}
      </p>
      {chart.error !== null && <Notice kind="error">{chart.error}</Notice>}
      {isMachine(definition) && (
        <div class="machine-drawing" data-whole={isWhole} data-scrolls>
          {chart.answer !== null && (
            <StatechartDrawing
              machine={chart.answer}
              before={JSON.stringify(before)}
              after={JSON.stringify(value)}
              {...{ event, isWhole }}
            />
          )}
        </div>
      )}
      <h3>Snapshot</h3>
      <pre class="payload" data-scrolls>
        {JSON.stringify(knownOf(rest), null, 2)}
      </pre>
    </Panel>
  )
}

/** What stands elsewhere on the page, or says nothing, is left out. */
function knownOf({ children: _, tags, ...known }: { children?: unknown; tags?: readonly string[] }): object {
  return { ...known, ...(tags !== undefined && tags.length > 0 && { tags }) }
}

function statusOf(snapshot: object): string {
  return 'status' in snapshot ? String(snapshot.status) : 'active'
}
