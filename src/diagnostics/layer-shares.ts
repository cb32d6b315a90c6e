import { average, nothingSeen, type Smoothed } from './smoothed.ts'

/** What is known of a layer: the usual power of ten of its share, and how often in a row it was out of the usual. */
export type LayerHistory = { readonly usual: Smoothed; readonly odd: number }

export type LayerHistories = { readonly [layer: string]: LayerHistory }

/** Observations before a layer has a usual share. */
const settling = 5

/** What counts as no gradient at all, as a power of ten of the share. */
export const smallestPower = -12

/**
 * The histories after one more observation. A layer's share is its gradient's norm over that of all layers together: so
 * nothing is said of layers when the gradient as a whole shrinks or grows, which has detectors of its own.
 *
 * @param norms the norm of every layer's gradient; observations with anything not finite are passed over
 * @param isOdd whether a share is out of the usual, both as powers of ten
 * @returns the histories, and the layers that have just become odd, by so many observations in a row, with their shares
 */
export function followLayers(
  histories: LayerHistories,
  norms: Readonly<Record<string, number>>,
  { isOdd, patience }: { isOdd: (power: number, usual: number) => boolean; patience: number },
): { readonly histories: LayerHistories; readonly found: readonly (readonly [layer: string, share: number])[] } {
  const whole = Math.hypot(...Object.values(norms))
  if (!Number.isFinite(whole) || whole === 0) return { histories, found: [] }
  const next: Record<string, LayerHistory> = {}
  const found: [string, number][] = []
  for (const [layer, norm] of Object.entries(norms)) {
    const { usual, odd } = histories[layer] ?? { usual: nothingSeen, odd: 0 }
    const share = norm / whole
    const power = share > 0 ? Math.max(smallestPower, Math.log10(share)) : smallestPower
    const isOut = usual.seen >= settling && isOdd(power, usual.mean)
    // What is odd does not become usual by being so.
    next[layer] = isOut ? { usual, odd: odd + 1 } : { usual: average(usual, power), odd: 0 }
    if (isOut && odd + 1 === patience) found.push([layer, share])
  }
  return { histories: next, found }
}
