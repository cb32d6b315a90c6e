import { spellOut } from '../../../metrics/metric-words.ts'
import type { ComparisonAnswer } from '../../answers/comparison.ts'
import { formatCount, formatValue } from '../parts/format.ts'
import { Panel } from '../parts/panel.tsx'
import { ProgressBar } from '../parts/progress-bar.tsx'
import { StateMark } from '../parts/state-mark.tsx'
import { hrefTo } from '../route.ts'
import { type ComparedRow, RunColumns } from './run-columns.tsx'

/** How far each of the runs came and how well it did; the better value of each row is marked. */
export function ResultsPanel({ comparison }: { comparison: ComparisonAnswer }) {
  const { runs, settings, data, evaluations } = comparison
  const names = runs.map(({ run }) => run)
  const isOtherBatches = settings.some(({ path }) => /^(batchSize|loss)\b/.test(path))
  return (
    <Panel name="results" title="How they did">
      <RunColumns
        label="How they did"
        runs={names}
        rows={[...standingRows(comparison), ...evaluationRows(comparison)]}
      />
      <ul class="remarks">
        {evaluations.length === 0 && <li>None of them was evaluated yet.</li>}
        {data.some(({ path }) => path === 'validation' || path === 'validation.sha256') && (
          <li>They were evaluated on different data, so nothing measured there is marked as the better.</li>
        )}
        {isOtherBatches && <li>Batch size or loss function differ, so that losses mean different things.</li>}
        {runs.some(({ parent }) => parent !== null) && <li>Of forks these are the numbers of their own steps.</li>}
      </ul>
    </Panel>
  )
}

function standingRows({ runs, bestTrainLoss }: ComparisonAnswer): ComparedRow[] {
  return [
    { name: 'state', cells: runs.map(({ run, state }) => <StateMark key={run} state={state} />) },
    {
      name: 'steps',
      cells: runs.map(({ run, step, totalSteps }) => <ProgressBar key={run} {...{ step, totalSteps }} />),
    },
    ...(runs.some(({ parent }) => parent !== null)
      ? [
          {
            name: 'forked from',
            cells: runs.map(({ parent }) =>
              parent === null ? (
                ''
              ) : (
                <>
                  <a href={hrefTo({ page: 'run', run: parent.run, at: null })}>{parent.run}</a> at {parent.step}
                </>
              ),
            ),
          },
        ]
      : []),
    { name: 'parameters', cells: runs.map(({ parameters }) => (parameters === null ? '–' : formatCount(parameters))) },
    {
      name: 'train loss',
      cells: runs.map(({ trainLoss }) =>
        trainLoss === null ? '–' : <Value {...trainLoss} isBetter={trainLoss.value === bestTrainLoss} />,
      ),
    },
  ]
}

/** Of each metric the latest value, and the best where that is another. */
function evaluationRows({ evaluations }: ComparisonAnswer): ComparedRow[] {
  const splits = new Set(evaluations.map(({ split }) => split))
  return evaluations.map(({ split, metric, standings, winner }) => ({
    name: splits.size === 1 ? spellOut(metric) : `${split} ${spellOut(metric)}`,
    cells: standings.map(standing => {
      if (standing === null) return '–'
      const { latest, latestStep, best, bestStep } = standing
      return (
        <>
          <Value value={latest} step={latestStep} isBetter={latest === winner} />
          {best !== null && best !== latest && (
            <small>
              best <Value value={best} step={bestStep ?? 0} isBetter={best === winner} />
            </small>
          )}
        </>
      )
    }),
  }))
}

function Value({ value, step, isBetter }: { value: number; step: number; isBetter: boolean }) {
  return (
    <span class="number">
      <span class={isBetter ? 'better' : ''} title={String(value)}>
        {formatValue(value)}
        {isBetter && <span class="unseen"> (the best)</span>}
      </span>{' '}
      <span class="quiet">at {formatCount(step)}</span>
    </span>
  )
}
