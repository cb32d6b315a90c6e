import { useCallback, useRef, useState } from 'preact/hooks'
import type { Changes } from '../../answers/live.ts'
import type { RunsAnswer } from '../../answers/runs.ts'
import { mostCompared } from '../compare/compared-lines.ts'
import { useAnswer } from '../data/use-answer.ts'
import { useLive } from '../data/use-live.ts'
import { Connection } from '../parts/connection.tsx'
import { Notice } from '../parts/notice.tsx'
import { useNow } from '../parts/use-now.ts'
import { replaceRoute } from '../use-route.ts'
import { type Choice, everyRun } from './choice.ts'
import { runRows } from './run-rows.ts'
import { RunsFilter } from './runs-filter.tsx'
import { RunsTable } from './runs-table.tsx'

/** Rows that are drawn unless more are asked for: a browser lays out so many without being felt. */
const rowsAtOnce = 200

/** Every run of the store, as it stands now. */
export function RunsPage({ choice = everyRun }: { choice?: Choice | undefined }) {
  const { answer, error, again } = useAnswer<RunsAnswer>('api/runs')
  const isConnected = useLive<Changes>('api/changes', { told: again, connected: again, released: again })
  const [most, setMost] = useState(rowsAtOnce)
  const now = useNow()
  const latest = useRef(choice)
  latest.current = choice
  const change = (next: Choice) => replaceRoute({ page: 'runs', choice: next })
  const select = useCallback((run: string, isSelected: boolean) => {
    const { selected } = latest.current
    const others = selected.filter(each => each !== run)
    replaceRoute({
      page: 'runs',
      choice: { ...latest.current, selected: isSelected ? [...others, run] : others },
    })
  }, [])
  if (answer === null) {
    return error === null ? <p class="waiting">Reading the runs …</p> : <Notice kind="error">{error}</Notice>
  }
  const rows = runRows(answer, choice)
  const known = new Set(answer.runs.map(({ run }) => run))
  const selected = choice.selected.filter(run => known.has(run)).slice(0, mostCompared)
  return (
    <>
      <div class="title-line">
        <h1>Runs</h1>
        <Connection isConnected={isConnected} />
      </div>
      {error !== null && <Notice kind="error">{error}</Notice>}
      {answer.runs.length === 0 ? (
        <Notice>
          Nothing was trained in this store yet. Start a run with <code>npx chronograd train config.ts</code>; it shows
          up here by itself.
        </Notice>
      ) : (
        <>
          <RunsFilter {...{ choice, selected, change }} runs={answer.runs} />
          {rows.length === 0 ? (
            <Notice>
              No run fits.{' '}
              <button type="button" onClick={() => change({ ...choice, text: '', state: '' })}>
                Show all {answer.runs.length}
              </button>
            </Notice>
          ) : (
            <RunsTable
              {...{ choice, change, select, now }}
              rows={rows.slice(0, most)}
              selected={new Set(selected)}
              isRoom={selected.length < mostCompared}
            />
          )}
          {rows.length > most && (
            <p class="more">
              {most} of {rows.length} runs are shown.{' '}
              <button type="button" onClick={() => setMost(rows.length)}>
                Show all of them
              </button>
            </p>
          )}
        </>
      )}
    </>
  )
}
