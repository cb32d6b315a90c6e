import type { CheckpointRecord, TrainerContext } from '../../machines/trainer.ts'

/** How many checkpoints are kept. */
export interface Retention {
  readonly keepLast: number
  readonly keepBest: number
}

/**
 * The names of the saved checkpoints that are no longer worth keeping: neither among the latest nor among the best.
 * The last saved one is always kept.
 */
export function superfluousCheckpoints(
  { checkpoints, plan }: Pick<TrainerContext, 'checkpoints' | 'plan'>,
  { keepLast, keepBest }: Retention,
): string[] {
  const sign = plan?.metric.better === 'lower' ? -1 : 1
  const saved = Object.entries(checkpoints).filter(([, { uri }]) => uri !== null)
  const byStep = (one: [string, CheckpointRecord], other: [string, CheckpointRecord]) => other[1].step - one[1].step
  const byMetric = (one: [string, CheckpointRecord], other: [string, CheckpointRecord]) =>
    sign * ((other[1].metric as number) - (one[1].metric as number)) || byStep(one, other)
  const kept = new Set([
    ...saved.toSorted(byStep).slice(0, keepLast),
    ...saved
      .filter(([, { metric }]) => metric !== null)
      .toSorted(byMetric)
      .slice(0, keepBest),
  ])
  return saved.filter(entry => !kept.has(entry)).map(([name]) => name)
}
