import type { LogEntry } from '../../answers/logged-events.ts'
import { formatMoment, formatValue } from '../parts/format.ts'

/** One event in a line. */
export function EventRow({ event, isOpen, open }: { event: LogEntry; isOpen: boolean; open: () => void }) {
  return (
    <button
      type="button"
      class="event-row"
      data-version={event.version}
      data-superseded={event.supersededBy !== null}
      aria-expanded={isOpen}
      onClick={open}
    >
      <span class="number">{event.version}</span>
      <code>{event.type}</code>
      <span class="told">{summaryOf(event.data)}</span>
      <time dateTime={new Date(event.at).toISOString()}>{formatMoment(event.at)}</time>
    </button>
  )
}

/** The values of the data that fit into a line. */
function summaryOf(data: unknown): string {
  if (typeof data !== 'object' || data === null) return ''
  return Object.entries(data)
    .flatMap(([name, value]) =>
      typeof value === 'number' || typeof value === 'string' ? [`${name} ${formatValue(value)}`] : [],
    )
    .join(' · ')
}
