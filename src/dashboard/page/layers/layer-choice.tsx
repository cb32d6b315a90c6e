import type { LayerKind } from '../../../subscribers/layer-rows.ts'
import type { Tower } from './layer-names.ts'

interface ChoiceProperties {
  kind: LayerKind
  setKind: (kind: LayerKind) => void
  towers: readonly Tower[]
  /** Of all layers, in the order of the towers. */
  names: readonly string[]
  chosen: string | null
  setLayer: (layer: string) => void
}

/** Which layer is looked at, and what of it. */
export function LayerChoice({ kind, setKind, towers, names, chosen, setLayer }: ChoiceProperties) {
  const place = chosen === null ? -1 : names.indexOf(chosen)
  const go = (name: string | undefined) => name !== undefined && setLayer(name)
  const [before, after] = [names[place - 1], names[place + 1]]
  return (
    <div class="layer-choice">
      <select
        aria-label="What was observed"
        value={kind}
        onChange={event => setKind(event.currentTarget.value as LayerKind)}
      >
        <option value="gradients">gradients</option>
        <option value="parameters">parameters</option>
      </select>
      <span class="layer-turn">
        <button type="button" disabled={before === undefined} onClick={() => go(before)} title="Layer before">
          <span aria-hidden="true">◀</span>
          <span class="unseen">Layer before</span>
        </button>
        <select
          class="layer-select"
          aria-label="Layer"
          value={chosen ?? ''}
          disabled={chosen === null}
          onChange={event => setLayer(event.currentTarget.value)}
        >
          {towers.map(tower => (
            <optgroup key={tower.name} label={tower.name}>
              {tower.layers.map(({ layer, label }) => (
                <option key={layer} value={layer}>
                  {label}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
        <button type="button" disabled={after === undefined} onClick={() => go(after)} title="Layer after">
          <span aria-hidden="true">▶</span>
          <span class="unseen">Layer after</span>
        </button>
      </span>
    </div>
  )
}
