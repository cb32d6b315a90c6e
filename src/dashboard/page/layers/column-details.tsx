import type { LayerKind } from '../../../subscribers/layer-rows.ts'
import type { LayerColumn } from '../../answers/layers.ts'
import { formatCount, formatValue } from '../parts/format.ts'

/** What was observed in the step that is looked at: its histogram and its numbers. */
export function ColumnDetails({ column, size, kind }: { column: LayerColumn; size: number; kind: LayerKind }) {
  const { finite, norm, zeros, nonFinite, observations } = column
  const facts = {
    ...(finite !== null && {
      minimum: formatValue(finite.minimum),
      mean: formatValue(finite.mean),
      maximum: formatValue(finite.maximum),
    }),
    norm: norm === null ? 'NaN' : range(norm.lowest, norm.highest),
    zeros: `${formatValue(100 * zeros)} %`,
    'not finite': nonFinite === 0 ? 'none' : `${formatCount(nonFinite)} of ${formatCount(size * observations)}`,
  }
  return (
    <div class="column-details" aria-live="polite">
      <div>
        <p class="column-step">
          <b>{stepsOf(column)}</b> {observations > 1 && <small>{formatCount(observations)} observations</small>}
        </p>
        {finite === null ? (
          <p class="quiet">None of the values was finite.</p>
        ) : (
          <ColumnHistogram {...{ finite, kind }} />
        )}
      </div>
      <dl>
        {Object.entries(facts).map(([name, value]) => (
          <div key={name} data-fact={name} data-broken={name === 'not finite' && nonFinite > 0}>
            <dt>{name}</dt>
            <dd class="number">{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}

/** The steps of a column, in words. */
export function stepsOf({ first, last }: Pick<LayerColumn, 'first' | 'last'>): string {
  return first === last ? `step ${formatCount(first)}` : `steps ${formatCount(first)} to ${formatCount(last)}`
}

function range(lowest: number, highest: number): string {
  const [low, high] = [formatValue(lowest), formatValue(highest)]
  return low === high ? low : `${low} to ${high}`
}

/** The height of the drawing, and of a bin that has next to nothing. */
const [height, least] = [100, 2]

function ColumnHistogram({ finite, kind }: { finite: NonNullable<LayerColumn['finite']>; kind: LayerKind }) {
  const { minimum, maximum, histogram } = finite
  const most = Math.max(...histogram)
  return (
    <>
      <svg
        class="column-histogram"
        viewBox={`0 0 ${histogram.length} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Histogram of the ${kind} from ${formatValue(minimum)} to ${formatValue(maximum)}`}
      >
        {histogram.map((count, bin) => {
          const high = count === 0 ? 0 : Math.max(least, (height * count) / most)
          return (
            <rect key={bin} x={bin + 0.06} y={height - high} width={0.88} height={high}>
              <title>{formatValue(count)}</title>
            </rect>
          )
        })}
      </svg>
      <p class="histogram-ends number">
        <span>{formatValue(minimum)}</span>
        <span>{formatValue(maximum)}</span>
      </p>
    </>
  )
}
