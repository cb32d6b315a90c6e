import { LineChart } from 'echarts/charts'
import { GridComponent, LegendComponent, MarkLineComponent, TitleComponent } from 'echarts/components'
import { init, setPlatformAPI, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import { type Chart, type ChartSize, chartSize } from './chart.ts'
import { chartOption } from './chart-option.ts'
import { fontFamily, textWidth } from './font.ts'

use([LineChart, GridComponent, LegendComponent, MarkLineComponent, TitleComponent, SVGRenderer])

// Text is measured in the font that it will be drawn in.
setPlatformAPI({
  measureText(text, font = '12px') {
    const size = Number.parseFloat(/([\d.]+)px/.exec(font)?.[1] ?? '12')
    return { width: textWidth(text, size, font.includes('bold') ? 'bold' : 'normal') }
  },
})

/** Draws a chart as SVG. */
export function chartToSvg(chart: Chart, size: ChartSize = chartSize): string {
  const drawing = init(null, null, { renderer: 'svg', ssr: true, ...size })
  try {
    drawing.setOption(chartOption(chart, { fontFamily, size }))
    return drawing.renderToSVGString()
  } finally {
    drawing.dispose()
  }
}
