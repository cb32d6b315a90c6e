import { useEffect, useMemo, useRef } from 'preact/hooks'
import type { LayersAnswer } from '../../answers/layers.ts'
import { useColours } from '../charts/use-colours.ts'
import { formatCount, formatValue } from '../parts/format.ts'
import { columnAt, columnSpans } from './column-spans.ts'
import type { Tower } from './layer-names.ts'
import { normColours, normDecades } from './norm-colours.ts'
import { NormStrip } from './norm-strip.tsx'

interface OverviewProperties {
  answer: LayersAnswer
  towers: readonly Tower[]
  /** Of all layers, in the order of the towers. */
  names: readonly string[]
  chosen: string
  setLayer: (layer: string) => void
  /** The step that is looked at; null for the last one. */
  step: number | null
  setStep: (step: number) => void
}

/** Every layer's norm over the steps, a row each, so that one that explodes or dies is found at a glance. */
export function LayerOverview({ answer, towers, names, chosen, setLayer, step, setStep }: OverviewProperties) {
  const { columns, from, to, kind } = answer
  const colours = useColours()
  const ramp = useMemo(() => normColours(colours), [colours])
  const spans = useMemo(() => columnSpans(columns), [columns])
  const rows = useRef<HTMLDivElement>(null)
  const shown = step === null ? columns.length - 1 : columnAt(columns, step)
  const last = Math.max(from + 1, to)
  const middle = ((spans[shown]?.from ?? from) + (spans[shown]?.to ?? from)) / 2
  useEffect(() => showRow(rows.current), [chosen])
  const move = (event: KeyboardEvent) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key]
    if (by === undefined) return
    event.preventDefault()
    const next = names[names.indexOf(chosen) + by]
    if (next === undefined) return
    setLayer(next)
    rows.current?.querySelector<HTMLElement>(`[data-layer="${CSS.escape(next)}"]`)?.focus()
  }
  return (
    <div class="layer-overview">
      <h3>
        Norm of every layer <small>relative to its own median over the steps</small>
      </h3>
      <div
        class="layer-rows"
        ref={rows}
        role="toolbar"
        aria-orientation="vertical"
        aria-label={`Layers by the norm of their ${kind}`}
        data-scrolls
        onKeyDown={move}
        style={{ '--at': `${(100 * (middle - from)) / (last - from)}%` }}
      >
        {towers.map(tower => (
          <section key={tower.name} aria-label={tower.name}>
            <h4>{tower.name}</h4>
            {tower.layers.map(({ label, ...layer }) => (
              <button
                type="button"
                key={layer.layer}
                class="layer-row"
                aria-pressed={layer.layer === chosen}
                tabIndex={layer.layer === chosen ? 0 : -1}
                data-layer={layer.layer}
                title={`${layer.layer}, ${formatCount(layer.size)} values`}
                onClick={event => {
                  setLayer(layer.layer)
                  const strip = event.target instanceof Element ? event.target.closest('.strip') : null
                  if (strip === null) return
                  const { left, width } = strip.getBoundingClientRect()
                  setStep(from + ((event.clientX - left) / width) * (last - from))
                }}
              >
                <LayerName label={label} />
                <span class="strip">
                  <NormStrip {...{ layer, spans, from, colours: ramp }} to={last} broken={colours.marks.diagnosis} />
                </span>
                <span class="number">{normAt(layer, shown)}</span>
              </button>
            ))}
          </section>
        ))}
      </div>
      <p class="norm-scale">
        <span>{1 / 10 ** normDecades} ×</span>
        <span class="bar" aria-hidden="true" />
        <span>{10 ** normDecades} ×</span>
        <span class="mark" aria-hidden="true" />
        <span>not finite</span>
      </p>
    </div>
  )
}

/** Where there is too little room, the middle is left out: what a name ends in tells it from its neighbours. */
function LayerName({ label }: { label: string }) {
  const end = label.lastIndexOf('.')
  return (
    <span class="layer-name">
      <span class="one-line">{label.slice(0, Math.max(0, end))}</span>
      <span>{label.slice(Math.max(0, end))}</span>
    </span>
  )
}

function normAt({ norms, nonFinite }: LayersAnswer['layers'][number], column: number): string {
  const norm = norms[column] ?? null
  if (norm !== null) return formatValue(norm)
  return (nonFinite[column] ?? 0) > 0 ? 'NaN' : '–'
}

/** Scrolls the rows, and nothing but them, so that the chosen one is in sight. */
function showRow(rows: HTMLElement | null): void {
  const row = rows?.querySelector<HTMLElement>('[aria-pressed="true"]')
  if (rows === null || row === null || row === undefined) return
  const [above, below] = [row.offsetTop - 24, row.offsetTop + row.offsetHeight - rows.clientHeight]
  if (rows.scrollTop > above) rows.scrollTop = above
  else if (rows.scrollTop < below) rows.scrollTop = below
}
