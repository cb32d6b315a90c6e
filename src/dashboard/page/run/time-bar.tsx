import { useEffect, useRef, useState } from 'preact/hooks'
import type { MomentAnswer } from '../../answers/run.ts'
import { formatCount, formatMoment } from '../parts/format.ts'
import { useStepKeys } from './use-step-keys.ts'

interface TimeBarProperties {
  /** The version of the run's last event. */
  head: number
  /** The version that is shown; null for now. */
  at: number | null
  moment: MomentAnswer | null
  go: (version: number | null) => void
}

/** Events a second. */
const speeds = [1, 5, 20, 100, 1000] as const

/** How often the moment moves while it plays, in milliseconds. */
const tick = 200

/** Which moment is shown: one slider over the run's events, and buttons to step and to play. */
export function TimeBar({ head, at, moment, go }: TimeBarProperties) {
  const [speed, setSpeed] = useState<number>(5)
  const [isPlaying, setPlaying] = useState(false)
  const shown = at ?? head
  const move = (by: number) => {
    setPlaying(false)
    go(shown + by)
  }
  useStepKeys(move)
  usePlaying(isPlaying, speed, shown, head, version => {
    if (version >= head) setPlaying(false)
    go(version >= head ? null : version)
  })
  const play = () => {
    if (at === null) go(1)
    setPlaying(!isPlaying)
  }
  return (
    <div class="time-bar" data-live={at === null} role="toolbar" aria-label="Moment">
      <div class="time-buttons">
        <button type="button" onClick={() => move(-1)} disabled={shown <= 1} title="One event back (←)">
          <span aria-hidden="true">◀</span>
          <span class="unseen">One event back</span>
        </button>
        <button type="button" onClick={play} title={isPlaying ? 'Stop' : 'Play the events'} class="play">
          {isPlaying ? 'Stop' : 'Play'}
        </button>
        <button type="button" onClick={() => move(1)} disabled={shown >= head} title="One event forward (→)">
          <span aria-hidden="true">▶</span>
          <span class="unseen">One event forward</span>
        </button>
        <select aria-label="Speed" value={speed} onChange={event => setSpeed(Number(event.currentTarget.value))}>
          {speeds.map(each => (
            <option key={each} value={each}>
              {each} / s
            </option>
          ))}
        </select>
      </div>
      <input
        type="range"
        min={1}
        max={head}
        value={shown}
        aria-label="Event"
        aria-valuetext={`event ${shown} of ${head}`}
        onInput={event => {
          setPlaying(false)
          go(Number(event.currentTarget.value))
        }}
      />
      <button
        type="button"
        class="now"
        aria-pressed={at === null}
        onClick={() => {
          setPlaying(false)
          go(null)
        }}
      >
        Live
      </button>
      <p class="time-told">
        <span class="number">
          event {formatCount(shown)} of {formatCount(head)}
        </span>
        {moment !== null && (
          <>
            <code>{moment.event.type}</code>
            <time dateTime={new Date(moment.at).toISOString()}>{formatMoment(moment.at)}</time>
            {moment.event.supersededBy !== null && (
              <strong>Attempt {moment.event.supersededBy} went on from before this.</strong>
            )}
          </>
        )}
      </p>
    </div>
  )
}

/** Moves on by itself while it is told to. */
function usePlaying(
  isPlaying: boolean,
  speed: number,
  shown: number,
  head: number,
  go: (version: number) => void,
): void {
  const latest = useRef({ shown, head, go })
  latest.current = { shown, head, go }
  useEffect(() => {
    if (!isPlaying) return
    const interval = Math.max(tick, 1000 / speed)
    const each = Math.max(1, Math.round((speed * interval) / 1000))
    const timer = setInterval(
      () => latest.current.go(Math.min(latest.current.head, latest.current.shown + each)),
      interval,
    )
    return () => clearInterval(timer)
  }, [isPlaying, speed])
}
