import { LineChart } from 'echarts/charts'
import { GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from 'echarts/components'
import { connect, type ECharts, init, use } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect, useRef } from 'preact/hooks'
import type { SeriesAnswer, SeriesChart } from '../../answers.ts'
import { chartOption, plannedIn } from './chart-option.ts'
import { drawInTurn, drawNoMore } from './draw-in-turn.ts'
import { SelectSteps } from './select-steps.tsx'
import type { Zoom } from './step-range.tsx'
import { useColours } from './use-colours.ts'
import { useIsNear } from './use-is-near.ts'

use([LineChart, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, CanvasRenderer])

/** Charts of one group tell of the same step when one of them is pointed at. */
const chartGroup = 'run'
connect(chartGroup)

interface ChartProperties {
  chart: SeriesChart
  answer: SeriesAnswer
  isSmooth: boolean
  setZoom: (zoom: Zoom) => void
}

/** One chart. Only those in sight, or near it, are drawn: a page has many, and each takes time with every step. */
export function ChartView({ chart, answer, isSmooth, setZoom }: ChartProperties) {
  const place = useRef<HTMLDivElement>(null)
  const drawn = useRef<ECharts | null>(null)
  const colours = useColours()
  const isNear = useIsNear(place)
  useEffect(() => {
    if (place.current === null || !isNear) return
    const instance = init(place.current)
    instance.group = chartGroup
    drawn.current = instance
    const observer = new ResizeObserver(() => instance.resize())
    observer.observe(place.current)
    return () => {
      observer.disconnect()
      drawNoMore(instance)
      instance.dispose()
    }
  }, [isNear])
  useEffect(() => {
    const { current } = drawn
    if (!isNear || current === null) return
    drawInTurn(current, () =>
      current.setOption(chartOption(chart, answer, { isSmooth, colours }), { replaceMerge: ['series'] }),
    )
  }, [chart, answer, isSmooth, colours, isNear])
  const labels = chart.lines.map(({ label }) => label)
  if (plannedIn(chart, answer) !== null) labels.push('planned')
  return (
    <figure class="chart" data-chart={chart.name}>
      <figcaption>
        {chart.title} <small>{chart.axis}</small>
      </figcaption>
      <SelectSteps stepAt={pixel => drawn.current?.convertFromPixel({ xAxisIndex: 0 }, pixel) ?? 0} selected={setZoom}>
        <div ref={place} class="canvas" role="img" aria-label={`${chart.title}: ${labels.join(', ')}`} />
      </SelectSteps>
    </figure>
  )
}
