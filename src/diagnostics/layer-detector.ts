import type { Detector } from './detector.ts'
import { followLayers, type LayerHistories } from './layer-shares.ts'
import { gradientSplits } from './splits.ts'

/** Observations in a row that a layer must be out of the usual to be told. */
const patience = 3

/**
 * A detector of layers whose share of the whole gradient leaves the usual. Each layer is reported once.
 *
 * @param isOdd whether a share is out of the usual, both as powers of ten
 */
export function layerDetector({
  code,
  isOdd,
  advice,
}: {
  readonly code: string
  readonly isOdd: (power: number, usual: number) => boolean
  readonly advice: string
}): Detector<{ layers: LayerHistories }> {
  return {
    code,
    splits: gradientSplits,
    initial: { layers: {} },
    observe(state, { values }) {
      const { histories, found } = followLayers(state.layers, values, { isOdd, patience })
      const next = { state: { layers: histories } }
      if (found.length === 0) return next
      const told = `The evidence names the layers and their share of the whole gradient. ${advice}`
      return { ...next, finding: { severity: 'warning', evidence: Object.fromEntries(found), advice: told } }
    },
  }
}
