import { useState } from 'preact/hooks'
import type { ComparisonAnswer } from '../../answers/comparison.ts'
import type { Changes } from '../../answers/live.ts'
import { useAnswer } from '../data/use-answer.ts'
import { useLive } from '../data/use-live.ts'
import { Connection } from '../parts/connection.tsx'
import { Notice } from '../parts/notice.tsx'
import { type Alignment, hrefTo } from '../route.ts'
import { everyRun } from '../run-list/choice.ts'
import { ComparedChartsPanel } from './compared-charts-panel.tsx'
import { mostCompared } from './compared-lines.ts'
import { DifferencesPanel } from './differences-panel.tsx'
import { PairsPanel } from './pairs-panel.tsx'
import { ResultsPanel } from './results-panel.tsx'

/** Several runs beside each other, as they stand now. */
export function ComparePage({ runs, by }: { runs: readonly string[]; by: Alignment | null }) {
  const compared = runs.slice(0, mostCompared)
  return (
    <>
      {compared.length < 2 ? (
        <>
          <h1 class="compare-head">Compared runs</h1>
          <Notice>
            Comparing takes two runs at least. Select them in the <a href={hrefTo({ page: 'runs' })}>list of runs</a>.
          </Notice>
        </>
      ) : (
        <Comparison runs={compared} by={by} left={runs.length - compared.length} />
      )}
    </>
  )
}

function Comparison({ runs, by, left }: { runs: readonly string[]; by: Alignment | null; left: number }) {
  const query = runs.map(run => `run=${encodeURIComponent(run)}`).join('&')
  const { answer, error, again } = useAnswer<ComparisonAnswer>(`api/comparison?${query}`)
  const [told, setTold] = useState<ReadonlyMap<string, number>>(new Map())
  const isConnected = useLive<Changes>('api/changes', {
    connected: again,
    released: run => runs.includes(run) && again(),
    told: changes => {
      const ours = changes.filter(({ run }) => runs.includes(run))
      if (ours.length === 0) return
      setTold(known => new Map([...known, ...ours.map(({ run, version }) => [run, version] as const)]))
      again()
    },
  })
  return (
    <>
      <div class="title-line compare-head">
        <h1>Compared runs</h1>
        <a href={hrefTo({ page: 'runs', choice: { ...everyRun, selected: runs } })}>Select others</a>
        <Connection isConnected={isConnected} />
      </div>
      {left > 0 && <Notice>Only the first {mostCompared} runs are compared: more colours are not told apart.</Notice>}
      {error !== null && (
        <Notice kind="error">
          {error} <a href={hrefTo({ page: 'runs' })}>Select runs</a> that there are.
        </Notice>
      )}
      {answer === null && error === null && <p class="waiting">Reading the runs …</p>}
      {answer !== null && (
        <div class="run-grid">
          <ResultsPanel comparison={answer} />
          <ComparedChartsPanel
            {...{ runs, by }}
            comparison={answer}
            versions={answer.runs.map(({ run, events }) => Math.max(events, told.get(run) ?? 0))}
          />
          <DifferencesPanel comparison={answer} />
          <PairsPanel comparison={answer} />
        </div>
      )}
    </>
  )
}
