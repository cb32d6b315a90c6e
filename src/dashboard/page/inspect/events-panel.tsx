import { useState } from 'preact/hooks'
import { VirtualList } from '../log/virtual-list.tsx'
import { formatCount, formatInstant } from '../parts/format.ts'
import { Panel } from '../parts/panel.tsx'
import { type EventChoice, EventFilter, fits } from './event-filter.tsx'
import type { Moment } from './moment.ts'
import type { Inspected, ToldEvent } from './told.ts'

interface EventsProperties {
  inspected: Inspected
  moment: Moment
  opened: ToldEvent | null
  open: (event: ToldEvent | null) => void
}

/** The events that actors were sent, the latest first. Choosing one shows every actor as it was after it. */
export function EventsPanel({ inspected, moment, opened, open }: EventsProperties) {
  const [choice, setChoice] = useState<EventChoice>({ sessionId: '', type: '' })
  const actors = [...inspected.kept.registrations].filter(told => told.kind === '@xstate.actor')
  const names = new Map(actors.map(({ sessionId, message }) => [sessionId, message.name]))
  const events = inspected.kept.newest.filter((told): told is ToldEvent => told.kind === '@xstate.event')
  const rows = events.filter(event => fits(event, choice))
  const { letGo } = inspected
  const move = (by: number) => {
    const at = rows.findIndex(({ number }) => number === opened?.number)
    const next = rows[at === -1 ? rows.length - 1 : Math.min(rows.length - 1, Math.max(0, at + by))]
    if (next !== undefined) open(next)
  }
  return (
    <Panel
      name="events"
      title="Events"
      aside={
        <span class="quiet number">
          {formatCount(rows.length)} of {formatCount(events.length)}
          {letGo > 0 && `; ${formatCount(letGo)} older ones were let go of`}
        </span>
      }
    >
      <div class="event-tools">
        <EventFilter {...{ actors, events, choice }} change={setChoice} />
        <div class="time-buttons">
          <button type="button" disabled={rows.length === 0} onClick={() => move(-1)} title="One event back">
            <span aria-hidden="true">◀</span>
            <span class="unseen">One event back</span>
          </button>
          <button type="button" disabled={opened === null} onClick={() => move(1)} title="One event forward">
            <span aria-hidden="true">▶</span>
            <span class="unseen">One event forward</span>
          </button>
        </div>
      </div>
      <VirtualList
        label="Events, the latest first"
        count={rows.length}
        row={index => {
          const event = rows[rows.length - 1 - index]
          if (event === undefined) return null
          const { sourceId, sessionId, createdAt } = event.message
          const at = Number(createdAt)
          const source = sourceId === undefined ? '' : `${names.get(sourceId) ?? sourceId} → `
          return (
            <button
              type="button"
              class="event-row"
              data-number={event.number}
              aria-expanded={event.number === opened?.number}
              onClick={() => open(event.number === opened?.number ? null : event)}
            >
              <span class="number">{event.number}</span>
              <code>{event.message.event.type}</code>
              <span class="told">
                {sourceId === sessionId ? '' : source}
                {names.get(sessionId) ?? sessionId}
              </span>
              <time dateTime={new Date(at).toISOString()}>{formatInstant(at)}</time>
            </button>
          )
        }}
      />
      {opened !== null && (
        <div class="event-details">
          <div class="title-line">
            <h3>
              {formatCount(opened.number)} · {opened.message.event.type}
            </h3>
            <span class="quiet">
              {names.get(opened.sessionId)} {moment.snapshots.has(opened.sessionId) ? '' : '(has told nothing yet)'}
            </span>
            <button type="button" onClick={() => open(null)}>
              Back to live
            </button>
          </div>
          <pre data-scrolls>{JSON.stringify(opened.message.event, null, 2)}</pre>
        </div>
      )}
    </Panel>
  )
}
