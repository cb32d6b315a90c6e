import { TypeSelect } from '../parts/type-select.tsx'
import type { ToldActor, ToldEvent } from './told.ts'

export interface EventChoice {
  /** Empty for every actor. */
  readonly sessionId: string
  /** Empty for every type. */
  readonly type: string
}

interface FilterProperties {
  actors: readonly ToldActor[]
  events: readonly ToldEvent[]
  choice: EventChoice
  change: (choice: EventChoice) => void
}

/** More are not offered: one finds nothing in a list of thousands. */
const mostOffered = 500

/** Which events are wanted. */
export function EventFilter({ actors, events, choice, change }: FilterProperties) {
  const types = [...new Set([choice.type, ...events.map(({ message }) => message.event.type)])]
    .filter(type => type !== '')
    .sort()
  const offered = actors.filter(({ sessionId }, index) => index < mostOffered || sessionId === choice.sessionId)
  return (
    <div class="filter">
      <select
        aria-label="Actor"
        value={choice.sessionId}
        onChange={event => change({ ...choice, sessionId: event.currentTarget.value })}
      >
        <option value="">every actor</option>
        {offered.map(({ sessionId, message }) => (
          <option key={sessionId} value={sessionId}>
            {message.name} ({sessionId})
          </option>
        ))}
      </select>
      <TypeSelect
        types={types.slice(0, mostOffered)}
        chosen={choice.type}
        choose={type => change({ ...choice, type })}
      />
    </div>
  )
}

export function fits({ sessionId, message }: ToldEvent, choice: EventChoice): boolean {
  return (
    (choice.sessionId === '' || choice.sessionId === sessionId) &&
    (choice.type === '' || choice.type === message.event.type)
  )
}
