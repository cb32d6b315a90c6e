import { readAttempts } from '../../history/attempts.ts'
import { learningRatePlan } from '../../history/learning-rate-plan.ts'
import type { Journal } from '../../journal/journal.ts'
import type { Points } from '../../metrics/growing-points.ts'
import { MetricsCollector } from '../../metrics/metrics-collector.ts'
import type { Chart } from '../../reports/chart.ts'
import { runStream } from '../../storage/store.ts'
import { JournalHome } from '../../subscribers/journal-home.ts'
import { metricsSubscriber } from '../../subscribers/metrics.ts'
import { SubscriberRunner } from '../../subscribers/subscriber-runner.ts'

/** The charts of what a run measured, up to its last event. */
export async function chartsOfRun(journal: Journal, run: string): Promise<readonly Chart[]> {
  const stream = runStream(run)
  // A process that was killed may have left the last steps for whoever reads them next.
  const runner = new SubscriberRunner(journal, metricsSubscriber, { stream })
  await runner.settle()
  runner.stop()
  const metrics = new MetricsCollector(new JournalHome(journal, stream))
  metrics.plannedLearningRate = plannedLearningRate(journal, stream, metrics.getMetric('train_learningRate'))
  return metrics.plots()
}

/**
 * The learning rate that is planned for every step from the first, as far as the steps that were done went by it; those
 * before a fork have none.
 *
 * @param used the learning rate of the steps that were done
 */
function plannedLearningRate(journal: Journal, stream: string, used: Points): Float64Array | undefined {
  const plan = learningRatePlan(journal, stream, readAttempts(journal, stream))
  if (plan === undefined) return undefined
  const isFollowed = used.steps.every((step, index) => plan.agrees(step, used.values[index] ?? Number.NaN))
  if (!isFollowed) return undefined
  return Float64Array.from({ length: plan.totalSteps }, (_, index) =>
    index < plan.begun ? Number.NaN : plan.at(index + 1),
  )
}
