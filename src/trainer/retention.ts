/** How many checkpoints are kept. */
export interface Retention {
  /** How many of those saved last; the very last is always kept. */
  readonly keepLast: number
  /** How many of those with the best metric, beside them. */
  readonly keepBest: number
}

/** Whether a metric is good when it is high, as a recall, or low, as a loss. */
export type Better = 'higher' | 'lower'

/** Whether `value` is better than `best`. A number that is not finite never is; anything finite is better than none. */
export function isBetter(value: number, best: number | null, better: Better): boolean {
  if (!Number.isFinite(value)) return false
  return best === null || (better === 'higher' ? value > best : value < best)
}

/**
 * Those checkpoints that are no longer worth keeping: neither among the latest nor among the best. Of equally good ones
 * the earliest is the best, as for early stopping.
 *
 * @param checkpoints in the order in which they were saved
 */
export function superfluousCheckpoints<Checkpoint extends { readonly metric: number | null }>(
  checkpoints: readonly Checkpoint[],
  { keepLast, keepBest, better }: Retention & { readonly better: Better },
): Checkpoint[] {
  const sign = better === 'higher' ? 1 : -1
  const best = checkpoints
    .flatMap(checkpoint => {
      const { metric } = checkpoint
      return metric !== null && Number.isFinite(metric) ? [{ checkpoint, worth: sign * metric }] : []
    })
    .sort((one, other) => other.worth - one.worth)
    .slice(0, keepBest)
  const kept = new Set([...checkpoints.slice(-Math.max(keepLast, 1)), ...best.map(({ checkpoint }) => checkpoint)])
  return checkpoints.filter(checkpoint => !kept.has(checkpoint))
}
