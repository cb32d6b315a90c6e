import type { TrainerContext } from '../../machines/trainer.ts'

/** How many checkpoints are kept. */
export interface Retention {
  readonly keepLast: number
  readonly keepBest: number
}

/**
 * The names of the saved checkpoints that are no longer worth keeping: neither among the latest nor among the best.
 * The last saved one is always kept. Of equally good ones the earliest is the best, as for early stopping.
 */
export function superfluousCheckpoints(
  { checkpoints, plan }: Pick<TrainerContext, 'checkpoints' | 'plan'>,
  { keepLast, keepBest }: Retention,
): string[] {
  const sign = plan?.metric.better === 'lower' ? -1 : 1
  const saved = Object.entries(checkpoints).filter(([, { uri }]) => uri !== null)
  const latest = saved.toSorted(([, one], [, other]) => other.step - one.step)
  const best = saved
    .flatMap(([name, { metric, step }]) =>
      metric !== null && Number.isFinite(metric) ? [{ name, step, worth: sign * metric }] : [],
    )
    .sort((one, other) => other.worth - one.worth || one.step - other.step)
  const kept = new Set([
    ...latest.slice(0, keepLast).map(([name]) => name),
    ...best.slice(0, keepBest).map(({ name }) => name),
  ])
  return saved.map(([name]) => name).filter(name => !kept.has(name))
}
