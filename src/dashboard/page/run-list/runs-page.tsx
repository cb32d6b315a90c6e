import { useState } from 'preact/hooks'
import type { Changes, RunsAnswer } from '../../answers.ts'
import { useAnswer } from '../data/use-answer.ts'
import { useLive } from '../data/use-live.ts'
import { Connection } from '../parts/connection.tsx'
import { Notice } from '../parts/notice.tsx'
import { type Choice, runRows } from './run-rows.ts'
import { RunsFilter } from './runs-filter.tsx'
import { RunsTable } from './runs-table.tsx'

/** Every run of the store, as it stands now. */
export function RunsPage() {
  const { answer, error, again } = useAnswer<RunsAnswer>('api/runs')
  const isConnected = useLive<Changes>('api/changes', { told: again, connected: again })
  const [choice, setChoice] = useState<Choice>({ text: '', state: '', sort: 'family', descending: true })
  if (answer === null) {
    return error === null ? <p class="waiting">Reading the runs …</p> : <Notice kind="error">{error}</Notice>
  }
  const rows = runRows(answer, choice)
  return (
    <>
      <div class="title-line">
        <h1>Runs</h1>
        <Connection isConnected={isConnected} />
      </div>
      {answer.runs.length === 0 ? (
        <Notice>
          Nothing was trained in this store yet. Start a run with <code>npx chronograd train config.ts</code>; it shows up
          here by itself.
        </Notice>
      ) : (
        <>
          <RunsFilter choice={choice} runs={answer.runs} change={setChoice} />
          {rows.length === 0 ? (
            <Notice>
              No run fits.{' '}
              <button type="button" onClick={() => setChoice({ ...choice, text: '', state: '' })}>
                Show all {answer.runs.length}
              </button>
            </Notice>
          ) : (
            <RunsTable rows={rows} choice={choice} change={setChoice} />
          )}
        </>
      )}
    </>
  )
}
