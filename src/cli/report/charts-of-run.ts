import type { Journal } from '../../journal/journal.ts'
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
  // What reads settings loads what computes, which no other command is to wait for.
  const { plannedLearningRate } = await import('../planned-learning-rate.ts')
  metrics.plannedLearningRate = plannedLearningRate(journal, run, metrics.getMetric('train_learningRate'))
  return metrics.plots()
}
