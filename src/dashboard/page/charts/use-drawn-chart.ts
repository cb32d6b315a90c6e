import { connect, type ECharts, init } from 'echarts/core'
import type { RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { drawNoMore } from './draw-in-turn.ts'

/** Charts of one group tell of the same step when one of them is pointed at. */
const chartGroup = 'run'
connect(chartGroup)

/** A chart that fills an element, for as long as it is near sight; null otherwise. Whoever draws in it does so anew then. */
export function useDrawnChart(place: RefObject<HTMLElement | null>, isNear: boolean): ECharts | null {
  const [chart, setChart] = useState<ECharts | null>(null)
  useEffect(() => {
    if (place.current === null || !isNear) return
    const instance = init(place.current)
    instance.group = chartGroup
    const observer = new ResizeObserver(() => instance.resize())
    observer.observe(place.current)
    setChart(instance)
    return () => {
      observer.disconnect()
      drawNoMore(instance)
      instance.dispose()
      setChart(null)
    }
  }, [place, isNear])
  return isNear ? chart : null
}
