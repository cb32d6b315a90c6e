import { LineChart } from 'echarts/charts'
import { GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from 'echarts/components'
import { use } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect, useRef } from 'preact/hooks'
import type { SeriesAnswer, SeriesChart } from '../../answers/series.ts'
import { chartOption, plannedIn } from './chart-option.ts'
import { drawInTurn } from './draw-in-turn.ts'
import { SelectSteps } from './select-steps.tsx'
import type { Zoom } from './step-range.tsx'
import { useColours } from './use-colours.ts'
import { useDrawnChart } from './use-drawn-chart.ts'
import { useIsNear } from './use-is-near.ts'

use([LineChart, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, CanvasRenderer])

interface ChartProperties {
  chart: SeriesChart
  answer: SeriesAnswer
  isSmooth: boolean
  setZoom: (zoom: Zoom) => void
}

/** One chart. Only those in sight, or near it, are drawn: a page has many, and each takes time with every step. */
export function ChartView({ chart, answer, isSmooth, setZoom }: ChartProperties) {
  const place = useRef<HTMLDivElement>(null)
  const colours = useColours()
  const drawn = useDrawnChart(place, useIsNear(place))
  const isInSight = useIsNear(place, 0)
  const begun = useRef<typeof drawn>(null)
  useEffect(() => {
    // What is near is drawn once, and again with every step only where it is seen.
    if (drawn === null || (begun.current === drawn && !isInSight)) return
    begun.current = drawn
    drawInTurn(drawn, () =>
      drawn.setOption(chartOption(chart, answer, { isSmooth, colours }), { replaceMerge: ['series'] }),
    )
  }, [chart, answer, isSmooth, colours, drawn, isInSight])
  const labels = chart.lines.map(({ label }) => label)
  if (plannedIn(chart, answer) !== null) labels.push('planned')
  return (
    <figure class="chart" data-chart={chart.name}>
      <figcaption>
        {chart.title} <small>{chart.axis}</small>
      </figcaption>
      <SelectSteps stepAt={pixel => drawn?.convertFromPixel({ xAxisIndex: 0 }, pixel) ?? 0} selected={setZoom}>
        <div ref={place} class="canvas" role="img" aria-label={`${chart.title}: ${labels.join(', ')}`} />
      </SelectSteps>
    </figure>
  )
}
