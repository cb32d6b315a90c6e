import path from 'node:path'
import { Command, Option } from 'commander'
import type { Journal } from '../../journal/journal.ts'
import { MetricsCollector } from '../../metrics/metrics-collector.ts'
import { overlayCharts } from '../../reports/overlay-charts.ts'
import { runStream } from '../../storage/store.ts'
import { JournalHome } from '../../subscribers/journal-home.ts'
import { metricsSubscriber } from '../../subscribers/metrics.ts'
import { SubscriberRunner } from '../../subscribers/subscriber-runner.ts'
import { shortPath } from '../command-hint.ts'
import { type JsonOptions, jsonOption, type StoreOptions, storeOption } from '../common-options.ts'
import { formatCount, plainText } from '../format.ts'
import { findRun, withJournal } from '../open-run.ts'

interface PlotOptions extends StoreOptions, JsonOptions {
  readonly out?: string
}

/** `chronograd plot`: pictures of what one run measured, or of several over one another. */
export function plotCommand(): Command {
  return new Command('plot')
    .description(
      'Draw what a run measured as SVG and PNG, one picture for each type of metric; several runs over one another.',
    )
    .argument('<run...>', 'the names of runs, or "latest"')
    .addOption(
      new Option('--out <dir>', "the folder of the pictures (default: plots in the run's folder, or the store's)"),
    )
    .addOption(storeOption())
    .addOption(jsonOption('{ runs, files }'))
    .action(async (wanted: string[], { store: folder, out, json }: PlotOptions) => {
      const { runs, files } = await withJournal(folder, { readOnly: false }, async (journal, store) => {
        const runs = [...new Set(wanted.map(name => findRun(journal, name, folder)))]
        const drawn = []
        for (const run of runs) drawn.push({ run, charts: await chartsOf(journal, run) })
        const [first, ...others] = drawn
        const single = first !== undefined && others.length === 0
        // No other command should load what draws.
        const { saveCharts } = await import('../../reports/save-charts.ts')
        const saveDir = out ?? path.join(single ? store.runFolder(first.run) : store.folder, 'plots')
        return { runs, files: await saveCharts(single ? first.charts : overlayCharts(drawn), saveDir) }
      })
      if (json) console.log(JSON.stringify({ runs, files }, null, 2))
      else if (files.length === 0) console.log(`${plainText(runs.join(', '))}: nothing was measured yet.`)
      else console.log([...files.map(shortPath), formatCount(files.length / 2, 'picture')].join('\n'))
    })
}

async function chartsOf(journal: Journal, run: string) {
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
