import { formatDuration } from '../../../reports/format-duration.ts'
import type { MomentAnswer, RunAnswer } from '../../answers/run.ts'
import { Connection } from '../parts/connection.tsx'
import { formatMoment } from '../parts/format.ts'
import { isOver } from '../parts/is-over.ts'
import { ProgressBar } from '../parts/progress-bar.tsx'
import { StateMark } from '../parts/state-mark.tsx'
import { hrefTo } from '../route.ts'

interface HeadProperties {
  info: RunAnswer
  moment: MomentAnswer | null
  isConnected: boolean
  isLive: boolean
}

/** What a run is, how it stands, and when. */
export function RunHead({ info, moment, isConnected, isLive }: HeadProperties) {
  const { run, created, createdAt, trained, attempts } = info
  const parent = created.parent
  const isForsaken = isLive && moment !== null && !trained && !isOver(moment.state)
  return (
    <div class="run-head">
      <div class="title-line">
        <h1>{run}</h1>
        {moment !== null && <StateMark state={isForsaken ? forsaken(moment) : moment.state} />}
        {moment !== null && (
          <ProgressBar step={moment.context.progress.step} totalSteps={moment.context.plan?.totalSteps ?? null} />
        )}
        <Connection isConnected={isConnected} />
      </div>
      <p class="quiet">
        begun {formatMoment(createdAt)}
        {moment !== null && `, ${formatDuration(moment.at - createdAt)} before this moment`} ·{' '}
        {attempts.length === 1 ? '1 attempt' : `${attempts.length} attempts`} · seed {created.seed}
        {parent !== null && (
          <>
            {' · forked from '}
            <a href={hrefTo({ page: 'run', run: parent.run, at: null })}>{parent.run}</a> at step {parent.step}
          </>
        )}
        {created.tags.map(tag => (
          <span key={tag} class="tag">
            {tag}
          </span>
        ))}
      </p>
      {isForsaken && (
        <p class="quiet">
          No process trains it now. <code>npx chronograd resume</code> goes on with it.
        </p>
      )}
    </div>
  )
}

/** What a run is that its log calls unfinished and no process holds, as in the list of runs. */
function forsaken({ state, context }: MomentAnswer): string {
  return state === 'idle' && context.parent !== null ? 'forked' : 'killed'
}
