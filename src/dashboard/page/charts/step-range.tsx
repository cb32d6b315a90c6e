import { StepInput } from './step-input.tsx'

/** The steps that charts are to show. */
export interface Zoom {
  readonly from: number
  readonly to: number
}

interface RangeProperties {
  zoom: Zoom | null
  lastStep: number
  setZoom: (zoom: Zoom | null) => void
}

/** The steps that all charts show, to be typed; dragging over a chart does the same. */
export function StepRange({ zoom, lastStep, setZoom }: RangeProperties) {
  const { from, to } = zoom ?? { from: 0, to: lastStep }
  const change = (next: Zoom) => {
    if (0 <= next.from && next.from < next.to) setZoom(next)
  }
  return (
    <span class="step-range">
      <StepInput label="steps" value={from} least={0} change={step => change({ from: step, to })} />
      <StepInput label="to" value={to} least={1} change={step => change({ from, to: step })} />
      <button type="button" disabled={zoom === null} onClick={() => setZoom(null)}>
        All steps
      </button>
    </span>
  )
}
