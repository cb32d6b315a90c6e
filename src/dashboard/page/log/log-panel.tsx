import { useState } from 'preact/hooks'
import type { LogEntry } from '../../answers/logged-events.ts'
import { formatCount } from '../parts/format.ts'
import { Notice } from '../parts/notice.tsx'
import { Panel } from '../parts/panel.tsx'
import { EventDetails } from './event-details.tsx'
import { EventRow } from './event-row.tsx'
import { LogFilter } from './log-filter.tsx'
import type { LogChoice } from './log-rows.ts'
import { useLog } from './use-log.ts'
import { VirtualList } from './virtual-list.tsx'

/** More rows than browsers draw well: what is older is reached by the slider. */
const mostRows = 400_000

interface LogProperties {
  run: string
  /** The version after which the run is shown. */
  version: number
  attempts: number
  go: (version: number) => void
}

/** Every event up to the moment, the latest first. */
export function LogPanel({ run, version, attempts, go }: LogProperties) {
  const [choice, setChoice] = useState<LogChoice>({ type: '', text: '' })
  const [open, setOpen] = useState<LogEntry | null>(null)
  const { count, entry, seen, isWaiting, error } = useLog(run, version, attempts, choice)
  return (
    <Panel
      name="log"
      title="Log"
      aside={
        <span class="quiet number">
          {isWaiting ? 'searching …' : `${formatCount(count)} ${count === 1 ? 'event' : 'events'}`}
          {count > mostRows && `, the last ${formatCount(mostRows)} here; move the slider for those before`}
        </span>
      }
    >
      <LogFilter choice={choice} change={setChoice} />
      {error !== null && <Notice kind="error">{error}</Notice>}
      <VirtualList
        label="Events, the latest first"
        count={Math.min(mostRows, count)}
        seen={seen}
        row={index => {
          const found = entry(index)
          return found === undefined ? (
            <span class="event-row waiting">…</span>
          ) : (
            <EventRow event={found} isOpen={found.version === open?.version} open={() => setOpen(found)} />
          )
        }}
      />
      {open !== null && <EventDetails event={open} go={go} close={() => setOpen(null)} />}
    </Panel>
  )
}
