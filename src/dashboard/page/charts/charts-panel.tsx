import { useState } from 'preact/hooks'
import type { RunAnswer } from '../../answers/run.ts'
import { Notice } from '../parts/notice.tsx'
import { Panel } from '../parts/panel.tsx'
import { ChartView } from './chart-view.tsx'
import { SmoothSwitch } from './smooth-switch.tsx'
import { StepRange, type Zoom } from './step-range.tsx'
import { useSeries } from './use-series.ts'

interface ChartsProperties {
  run: string
  /** The version after which the run is shown. */
  version: number
  /** The charts that there will be, in whose place nothing else is shown until they are. */
  expected: RunAnswer['charts']
  /** The steps that are shown; null for all of them. */
  zoom: Zoom | null
  setZoom: (zoom: Zoom | null) => void
}

/** What was measured up to the moment. All charts show the same steps. */
export function ChartsPanel({ run, version, expected, zoom, setZoom }: ChartsProperties) {
  const [isSmooth, setSmooth] = useState(true)
  const { answer, error } = useSeries({ run, until: version, ...zoom })
  const charts = answer?.charts ?? []
  return (
    <Panel
      name="charts"
      title="Measured"
      aside={
        <div class="chart-tools">
          <SmoothSwitch isSmooth={isSmooth} change={setSmooth} />
          {answer !== null && <StepRange {...{ zoom, lastStep: answer.lastStep, setZoom }} />}
        </div>
      }
    >
      {error !== null && <Notice kind="error">{error}</Notice>}
      {answer !== null && charts.length === 0 && (
        <Notice>Nothing was measured by this moment. The first step brings the first points.</Notice>
      )}
      <div class="chart-grid">
        {answer === null &&
          error === null &&
          expected.map(({ name, title, axis }) => (
            <figure key={name} class="chart">
              <figcaption>
                {title} <small>{axis}</small>
              </figcaption>
              <div class="canvas" />
            </figure>
          ))}
        {answer !== null &&
          charts.map(chart => <ChartView key={chart.name} {...{ chart, answer, isSmooth, setZoom }} />)}
      </div>
    </Panel>
  )
}
