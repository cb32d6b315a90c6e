import type { MomentAnswer, RunAnswer } from '../../answers.ts'
import { asWords, formatCount } from '../parts/format.ts'
import { Panel } from '../parts/panel.tsx'

/** Who works on the run: the process that trains it, and who reads its log. */
export function ActorsPanel({ moment, info, head }: { moment: MomentAnswer; info: RunAnswer; head: number }) {
  return (
    <Panel name="actors" title="Actors, now">
      <ul class="lines">
        <li>
          <b>trainer</b>
          <span>{info.trained ? 'at work' : 'no process holds the run'}</span>
        </li>
        {moment.subscribers.map(({ subscriber, status, cursor, failedAt, error }) => (
          <li key={subscriber} data-parked={status === 'parked'}>
            <b>{asWords(subscriber)}</b>
            <span>
              {status === 'parked' ? `parked at position ${failedAt}` : lagOf(head - cursor)}
              {error !== null && <span class="failure">{error}</span>}
            </span>
          </li>
        ))}
      </ul>
      {moment.subscribers.length === 0 && <p class="quiet">Nobody has read this run's log yet.</p>}
    </Panel>
  )
}

function lagOf(lag: number): string {
  return lag <= 0 ? 'up to date' : `${formatCount(lag)} ${lag === 1 ? 'event' : 'events'} behind`
}
