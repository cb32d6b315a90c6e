import { useMemo, useRef, useState } from 'preact/hooks'
import type { LayerKind } from '../../../subscribers/layer-rows.ts'
import type { LayersAnswer } from '../../answers/layers.ts'
import type { Zoom } from '../charts/step-range.tsx'
import { useIsNear } from '../charts/use-is-near.ts'
import { runAddress } from '../data/get-answer.ts'
import { useAnswer } from '../data/use-answer.ts'
import { Notice } from '../parts/notice.tsx'
import { Panel } from '../parts/panel.tsx'
import { columnAt } from './column-spans.ts'
import { LayerChoice } from './layer-choice.tsx'
import { LayerHistograms } from './layer-histograms.tsx'
import { towersOf } from './layer-names.ts'
import { LayerOverview } from './layer-overview.tsx'
import { NothingObserved } from './nothing-observed.tsx'

interface LayersProperties {
  run: string
  /** The version after which the run is shown, or one since which nothing was observed. */
  until: number
  /** Whether there is something to be seen, as far as is known. */
  isExpected: boolean
  zoom: Zoom | null
  setZoom: (zoom: Zoom) => void
}

/** What the gradients and the weights of each layer were like over the steps. Out of sight it asks for nothing. */
export function LayersPanel({ run, until, isExpected, zoom, setZoom }: LayersProperties) {
  const place = useRef<HTMLDivElement>(null)
  const isNear = useIsNear(place)
  const [kind, setKind] = useState<LayerKind>('gradients')
  const range = Object.entries(zoom ?? {}).map(([name, step]) => `&${name}=${step}`)
  const wanted = `kind=${kind}&until=${until}${range.join('')}`
  const near = useRef<string | null>(null)
  if (isNear) near.current = wanted
  return (
    <div class="layers-place" ref={place}>
      {near.current === null ? (
        <Panel name="layers" title="Layers">
          {isExpected && <div class="layers-waiting" />}
        </Panel>
      ) : (
        <Observed {...{ run, isExpected, kind, setKind, setZoom }} query={near.current} />
      )}
    </div>
  )
}

interface ObservedProperties {
  run: string
  isExpected: boolean
  kind: LayerKind
  setKind: (kind: LayerKind) => void
  /** Of which kind, moment and steps the layers are asked for. */
  query: string
  setZoom: (zoom: Zoom) => void
}

function Observed({ run, isExpected, kind, setKind, query, setZoom }: ObservedProperties) {
  const { answer, error } = useAnswer<LayersAnswer>(runAddress(run, `/layers?${query}`))
  const [wantedLayer, setLayer] = useState<string | null>(null)
  const [step, setStep] = useState<number | null>(null)
  const look = (next: number) => {
    const columns = answer?.columns ?? []
    // Whoever looks at the last step goes on with the run.
    setStep(columnAt(columns, next) === columns.length - 1 ? null : next)
  }
  const towers = useMemo(() => towersOf(answer?.layers ?? []), [answer])
  const names = towers.flatMap(({ layers }) => layers.map(({ layer }) => layer))
  const chosen = names.find(name => name === wantedLayer) ?? names[0]
  return (
    <Panel
      name="layers"
      title="Layers"
      aside={<LayerChoice {...{ kind, setKind, towers, names, setLayer }} chosen={chosen ?? null} />}
    >
      {error !== null && <Notice kind="error">{error}</Notice>}
      {answer === null && error === null && isExpected && <div class="layers-grid" />}
      {answer !== null && chosen === undefined && <NothingObserved answer={answer} />}
      {answer !== null && chosen !== undefined && (
        <div class="layers-grid">
          <LayerOverview {...{ answer, towers, names, chosen, setLayer, step }} setStep={look} />
          <LayerHistograms {...{ run, query, step, setZoom }} layer={chosen} setStep={look} />
        </div>
      )}
    </Panel>
  )
}
