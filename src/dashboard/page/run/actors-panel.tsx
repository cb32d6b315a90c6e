import type { MomentAnswer, RunAnswer } from '../../answers/run.ts'
import { asWords, formatCount } from '../parts/format.ts'
import { Panel } from '../parts/panel.tsx'
import { actorsAt } from './actors-at.ts'

interface ActorsProperties {
  moment: MomentAnswer
  info: RunAnswer
  head: number
  /** Whether the moment is now. */
  isLive: boolean
}

/** Who works on the run at the moment, and who reads its log now. */
export function ActorsPanel({ moment, info, head, isLive }: ActorsProperties) {
  const isGone = isLive && !info.trained
  return (
    <Panel name="actors" title="Actors">
      <ul class="lines">
        {actorsAt(moment).map(({ actor, state, told }) => (
          <li key={actor} data-actor={actor}>
            <b>{actor}</b>
            <span>
              {state}
              <span class="quiet">{told}</span>
            </span>
          </li>
        ))}
      </ul>
      {isGone && <p class="quiet">No process holds the run: this is how they were when its last event came.</p>}
      <h3>Subscribers, as they are now</h3>
      <p class="quiet">Their places in the log are of now, whatever moment is shown: the log does not keep them.</p>
      <ul class="lines">
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
