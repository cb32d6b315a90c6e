import { useMemo } from 'preact/hooks'
import type { LayerHistogramsAnswer, ValueScale } from '../../answers/layers.ts'
import { axisNumber } from '../charts/axis-style.ts'
import type { Zoom } from '../charts/step-range.tsx'
import { runAddress } from '../data/get-answer.ts'
import { useAnswer } from '../data/use-answer.ts'
import { formatCount } from '../parts/format.ts'
import { Notice } from '../parts/notice.tsx'
import { ColumnDetails } from './column-details.tsx'
import { columnAt } from './column-spans.ts'
import { HeatMap } from './heat-map.tsx'

interface HistogramsProperties {
  run: string
  layer: string
  query: string
  /** The step that is looked at; null for the last one. */
  step: number | null
  setStep: (step: number) => void
  setZoom: (zoom: Zoom) => void
}

/** How one layer's values were distributed, over the steps and in one of them. */
export function LayerHistograms({ run, layer, query, step, setStep, setZoom }: HistogramsProperties) {
  const address = runAddress(run, `/layers/histograms?layer=${encodeURIComponent(layer)}&${query}`)
  const { answer, error } = useAnswer<LayerHistogramsAnswer>(address)
  const columns = answer?.columns ?? []
  const shown = step === null ? columns.length - 1 : columnAt(columns, step)
  const column = columns[shown]
  const scale = useMemo(() => answer && scaleWords(answer.scale), [answer])
  return (
    <div class="layer-histograms">
      {error !== null && <Notice kind="error">{error}</Notice>}
      {answer !== null && column !== undefined && (
        <>
          <h3>
            <code>{answer.layer}</code>{' '}
            <small>
              {formatCount(answer.size)} {answer.kind}, {scale}
            </small>
          </h3>
          <HeatMap {...{ answer, shown, setStep, setZoom }} />
          <ColumnDetails column={column} size={answer.size} kind={answer.kind} />
        </>
      )}
    </div>
  )
}

function scaleWords({ kind, threshold }: ValueScale): string {
  if (kind === 'linear') return 'linear scale'
  return `symmetric logarithmic scale, linear within ±${axisNumber(threshold)}`
}
