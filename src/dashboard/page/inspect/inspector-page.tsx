import { useEffect, useState } from 'preact/hooks'
import { Connection } from '../parts/connection.tsx'
import { formatCount } from '../parts/format.ts'
import { Notice } from '../parts/notice.tsx'
import { ThemeSwitch } from '../parts/theme-switch.tsx'
import { ActorPanel } from './actor-panel.tsx'
import { ActorTree } from './actor-tree.tsx'
import { EventsPanel } from './events-panel.tsx'
import { handledAt, momentAt } from './moment.ts'
import type { ToldEvent } from './told.ts'
import { useInspected } from './use-inspected.ts'

/** The actors of a program: which there are, what one of them is in, and the events between them. */
export function InspectorPage() {
  const { inspected, isConnected } = useInspected()
  const [chosen, choose] = useState<string | null>(null)
  const [event, setEvent] = useState<ToldEvent | null>(null)
  // Another program knows nothing of the last one's actors and events.
  useEffect(() => {
    choose(null)
    setEvent(null)
  }, [inspected.program])
  const moment = momentAt(inspected, event === null ? null : handledAt(inspected, event))
  const actor = moment.actors.find(({ sessionId }) => sessionId === chosen) ?? moment.actors[0]
  const open = (next: ToldEvent | null) => {
    setEvent(next)
    if (next !== null) choose(next.sessionId)
  }
  return (
    <>
      <header class="head">
        <nav aria-label="Where you are">
          <span class="brand">Chronograd</span>
          <span aria-hidden="true">/</span>
          <span class="here">Inspector</span>
        </nav>
        <ThemeSwitch />
      </header>
      <main>
        <div class="title-line inspect-head">
          <h1>Actors</h1>
          <span class="quiet number">{formatCount(moment.actors.length)}</span>
          <button type="button" class="now" aria-pressed={event === null} onClick={() => setEvent(null)}>
            Live
          </button>
          {event !== null && <span class="past">as they were after event {formatCount(event.number)}</span>}
          <Connection isConnected={isConnected} />
        </div>
        {actor === undefined ? (
          <Notice>
            {isConnected
              ? 'No actor yet. Hand the inspector to XState: createActor(machine, { inspect: inspector.inspect }).start()'
              : 'Waiting for the inspected program …'}
          </Notice>
        ) : (
          <div class="inspect-grid">
            <ActorTree {...{ moment, choose }} chosen={actor.sessionId} />
            <ActorPanel {...{ moment, actor }} key={actor.sessionId} />
            <EventsPanel {...{ inspected, moment, open }} opened={event} />
          </div>
        )}
      </main>
    </>
  )
}
