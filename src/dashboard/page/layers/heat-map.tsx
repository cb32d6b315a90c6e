import { CustomChart } from 'echarts/charts'
import { GridComponent, TooltipComponent } from 'echarts/components'
import { type ECharts, use } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import type { LayerHistogramsAnswer } from '../../answers/layers.ts'
import { drawInTurn } from '../charts/draw-in-turn.ts'
import { SelectSteps } from '../charts/select-steps.tsx'
import type { Zoom } from '../charts/step-range.tsx'
import { useColours } from '../charts/use-colours.ts'
import { useDrawnChart } from '../charts/use-drawn-chart.ts'
import { useIsNear } from '../charts/use-is-near.ts'
import { colourRamp } from './colour-ramp.ts'
import { stepsOf } from './column-details.tsx'
import { columnSpans } from './column-spans.ts'
import { heatMapOption } from './heat-map-option.ts'

use([CustomChart, GridComponent, TooltipComponent, CanvasRenderer])

/** How many colours tell densities apart. */
const colourCount = 24

/** What ECharts tells of the pointer, in whichever chart of the group it is. */
interface PointedAt {
  readonly axesInfo?: readonly { readonly axisDim: string; readonly value: number }[]
}

interface HeatMapProperties {
  answer: LayerHistogramsAnswer
  /** The place of the column that is looked at. */
  shown: number
  setStep: (step: number) => void
  setZoom: (zoom: Zoom) => void
}

/** The values of a layer over the steps. Whatever chart of the run is pointed at says which step is looked at; arrow keys, too. */
export function HeatMap({ answer, shown, setStep, setZoom }: HeatMapProperties) {
  const { columns, from, to } = answer
  const place = useRef<HTMLDivElement>(null)
  const frame = useRef<HTMLDivElement>(null)
  const chart = useDrawnChart(place, useIsNear(place))
  const colours = useColours()
  const ramp = useMemo(() => densityColours(colours), [colours])
  const spans = useMemo(() => columnSpans(columns), [columns])
  const drawn = useRef<ECharts | null>(null)
  useEffect(() => {
    if (chart === null) return
    drawInTurn(chart, () => {
      // It may be told as finished before this returns.
      drawn.current = chart
      chart.setOption(heatMapOption(answer, spans, { colours, ramp }), { notMerge: true })
    })
  }, [answer, spans, colours, ramp, chart])
  const look = useRef(setStep)
  look.current = setStep
  useEffect(() => {
    const pointed = (event: unknown) => {
      const step = (event as PointedAt).axesInfo?.find(({ axisDim }) => axisDim === 'x')?.value
      if (step !== undefined) look.current(step)
    }
    chart?.on('updateAxisPointer', pointed)
    return () => {
      if (chart?.isDisposed() === false) chart.off('updateAxisPointer', pointed)
    }
  }, [chart])
  const span = spans[shown]
  useEffect(() => {
    if (chart === null) return
    // Whenever the chart was drawn, also in another size.
    const move = () => {
      if (frame.current === null || span === undefined || drawn.current !== chart) return
      const pixelOf = (step: number) => chart.convertToPixel({ xAxisIndex: 0 }, step)
      const [left, right] = [pixelOf(Math.max(from, span.from)), pixelOf(Math.min(to, span.to))]
      frame.current.style.left = `${left}px`
      frame.current.style.width = `${right - left}px`
    }
    move()
    chart.on('finished', move)
    return () => {
      if (!chart.isDisposed()) chart.off('finished', move)
    }
  }, [chart, span, from, to])
  const column = columns[shown]
  const go = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (by === undefined) return
    event.preventDefault()
    const next = columns[shown + by]
    if (next !== undefined) setStep(next.first)
  }
  return (
    <>
      <div
        class="heat-map"
        role="slider"
        tabIndex={0}
        data-scrolls
        aria-label={`Step of the ${answer.kind} of ${answer.layer}`}
        aria-valuemin={columns[0]?.first}
        aria-valuemax={columns.at(-1)?.last}
        aria-valuenow={column?.first}
        aria-valuetext={column && stepsOf(column)}
        onKeyDown={go}
      >
        <SelectSteps stepAt={pixel => chart?.convertFromPixel({ xAxisIndex: 0 }, pixel) ?? 0} selected={setZoom}>
          <div ref={place} class="canvas" />
          <div ref={frame} class="heat-map-frame" />
        </SelectSteps>
      </div>
      <p class="density-scale">
        <span>few values</span>
        <span class="bar" aria-hidden="true" />
        <span>most values of the step</span>
      </p>
    </>
  )
}

function densityColours({ surface, series, ink }: ReturnType<typeof useColours>): readonly string[] {
  return colourRamp([surface, series[0] ?? '', ink], colourCount + 2).slice(1, -1)
}
