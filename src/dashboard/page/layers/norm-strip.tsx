import { useEffect, useRef } from 'preact/hooks'
import type { LayersAnswer } from '../../answers/layers.ts'
import type { Span } from './column-spans.ts'
import { normPlaces } from './norm-colours.ts'

/** Picture elements of a strip; the style sheet says how wide it is. */
const width = 600

interface StripProperties {
  layer: LayersAnswer['layers'][number]
  spans: readonly Span[]
  /** The first and the last step of the strip. */
  from: number
  to: number
  colours: readonly string[]
  broken: string
}

/** How large a layer was over the steps, as a strip of colours. */
export function NormStrip({ layer: { norms, nonFinite }, spans, from, to, colours, broken }: StripProperties) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    if (context === null || context === undefined) return
    context.clearRect(0, 0, width, 1)
    const pixelOf = (step: number) => Math.round(((step - from) / (to - from)) * width)
    for (const [column, place] of normPlaces(norms).entries()) {
      const span = spans[column]
      const isBroken = (nonFinite[column] ?? 0) > 0
      if (span === undefined || (place === null && !isBroken)) continue
      context.fillStyle = isBroken ? broken : (colours[place ?? 0] ?? '')
      const left = pixelOf(span.from)
      context.fillRect(left, 0, Math.max(1, pixelOf(span.to) - left), 1)
    }
  }, [norms, nonFinite, spans, from, to, colours, broken])
  return <canvas ref={canvas} width={width} height={1} />
}
