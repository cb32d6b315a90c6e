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
    if (Number.isInteger(next.from) && Number.isInteger(next.to) && 0 <= next.from && next.from < next.to) setZoom(next)
  }
  return (
    <span class="step-range">
      <label>
        steps{' '}
        <input
          type="number"
          min={0}
          value={from}
          onChange={event => change({ from: event.currentTarget.valueAsNumber, to })}
        />
      </label>
      <label>
        to{' '}
        <input
          type="number"
          min={1}
          value={to}
          onChange={event => change({ from, to: event.currentTarget.valueAsNumber })}
        />
      </label>
      <button type="button" disabled={zoom === null} onClick={() => setZoom(null)}>
        All steps
      </button>
    </span>
  )
}
