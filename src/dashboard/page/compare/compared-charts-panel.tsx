import { useCallback, useEffect, useMemo, useState } from 'preact/hooks'
import type { ComparisonAnswer } from '../../answers/comparison.ts'
import type { SeriesAnswer } from '../../answers/series.ts'
import { ChartView } from '../charts/chart-view.tsx'
import { SmoothSwitch } from '../charts/smooth-switch.tsx'
import type { Zoom } from '../charts/step-range.tsx'
import { type Stretch, useSeries } from '../charts/use-series.ts'
import { Notice } from '../parts/notice.tsx'
import { Panel } from '../parts/panel.tsx'
import type { Alignment } from '../route.ts'
import { replaceRoute } from '../use-route.ts'
import { comparedCharts, comparedParts, type MeasuredPart, stretchOf } from './compared-lines.ts'

interface ChartsProperties {
  runs: readonly string[]
  comparison: ComparisonAnswer
  /** How far each run's log has come. */
  versions: readonly number[]
  by: Alignment | null
}

/** What was measured in each of the runs, over one another. */
export function ComparedChartsPanel({ runs, comparison, versions, by }: ChartsProperties) {
  const [zoom, setZoom] = useState<Zoom | null>(null)
  const [isSmooth, setSmooth] = useState(true)
  const [answers, setAnswers] = useState<ReadonlyMap<string, SeriesAnswer>>(new Map())
  const take = useCallback(
    (run: string, answer: SeriesAnswer) => setAnswers(known => new Map([...known, [run, answer]])),
    [],
  )
  const lengths = new Set(comparison.stepsPerEpoch.filter(steps => steps !== null))
  const alignment = by ?? (lengths.size > 1 ? 'epoch' : 'step')
  const parts = comparedParts(runs, comparison.lineages, versions)
  const measured = parts.flatMap((part): MeasuredPart[] => {
    const answer = answers.get(part.run)
    return answer === undefined ? [] : [{ part, answer }]
  })
  const whole = useMemo(() => comparedCharts(measured, alignment, zoom), [answers, alignment, zoom, parts.length])
  return (
    <Panel
      name="charts"
      title="Measured"
      aside={
        <div class="chart-tools">
          <label>
            aligned by{' '}
            <select
              value={alignment}
              onChange={event => {
                setZoom(null)
                replaceRoute({ page: 'compare', runs, by: event.currentTarget.value as Alignment })
              }}
            >
              <option value="step">step</option>
              <option value="epoch">epoch</option>
            </select>
          </label>
          <SmoothSwitch isSmooth={isSmooth} change={setSmooth} />
          <button type="button" disabled={zoom === null} onClick={() => setZoom(null)}>
            All {alignment}s
          </button>
        </div>
      }
    >
      {parts.map(part => (
        <PartReader
          key={part.run}
          stretch={stretchOf(part, zoom, alignment === 'step' ? 1 : (answers.get(part.run)?.stepsPerEpoch ?? 1))}
          take={take}
        />
      ))}
      {measured.length > 0 && whole.charts.length === 0 && (
        <Notice>Nothing was measured yet. The first steps bring the first points.</Notice>
      )}
      <div class="chart-grid">
        {whole.charts.map(chart => (
          <ChartView key={chart.name} {...{ chart, isSmooth, setZoom }} answer={whole} />
        ))}
      </div>
      {parts.some(({ isAncestor }) => isAncestor) && (
        <p class="quiet">Dotted and grey: what forks have from runs that are not compared here.</p>
      )}
    </Panel>
  )
}

/** Asks for the series of one run, at its own pace, and says why where it gets none. */
function PartReader(given: { stretch: Stretch; take: (run: string, answer: SeriesAnswer) => void }) {
  const { stretch, take } = given
  const { run } = stretch
  const { answer, error } = useSeries(stretch)
  useEffect(() => {
    if (answer !== null) take(run, answer)
  }, [run, answer, take])
  return error === null ? null : (
    <Notice kind="error">
      {run}: {error}
    </Notice>
  )
}
