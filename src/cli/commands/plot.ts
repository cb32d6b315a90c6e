import path from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { runOverview } from '../../history/run-overview.ts'
import { runReport } from '../../history/run-report.ts'
import type { Journal } from '../../journal/journal.ts'
import { overlayCharts, type RunCharts } from '../../reports/overlay-charts.ts'
import type { Store } from '../../storage/store.ts'
import { shortPath } from '../command-hint.ts'
import { type JsonOptions, jsonOption, type StoreOptions, storeOption } from '../common-options.ts'
import { formatCount, plainText } from '../format.ts'
import { findRun, withJournal } from '../open-run.ts'
import { chartsOfRun } from '../report/charts-of-run.ts'
import { retrievalsOf } from '../report/retrievals-of.ts'
import { runDocument } from '../report/run-document.ts'
import { runsDocument } from '../report/runs-document.ts'
import { writePage } from '../report/write-report.ts'

const formats = ['svg', 'png', 'html'] as const
type Format = (typeof formats)[number]

interface PlotOptions extends StoreOptions, JsonOptions {
  readonly out?: string
  readonly format: readonly Format[]
}

/** `chronograd plot`: pictures of what one run measured, or of several over one another. */
export function plotCommand(): Command {
  return new Command('plot')
    .description(
      'Draw what a run measured, one picture for each type of metric, or a report to send; several runs over one another.',
    )
    .argument('<run...>', 'the names of runs, or "latest"')
    .addOption(formatOption())
    .addOption(
      new Option('--out <dir>', "the folder of the files (default: plots in the run's folder, or the store's)"),
    )
    .addOption(storeOption())
    .addOption(jsonOption('{ runs, files }'))
    .action(async (wanted: string[], { store: folder, out, format, json }: PlotOptions) => {
      const { runs, files } = await withJournal(folder, { readOnly: false }, async (journal, store) => {
        const runs = [...new Set(wanted.map(name => findRun(journal, name, folder)))]
        const drawn: RunCharts[] = []
        for (const run of runs) drawn.push({ run, charts: await chartsOfRun(journal, run) })
        const [only] = runs.length === 1 ? runs : []
        const place = out ?? path.join(only === undefined ? store.folder : store.runFolder(only), 'plots')
        return { runs, files: await draw(journal, store, drawn, { place, formats: format }) }
      })
      if (json) console.log(JSON.stringify({ runs, files }, null, 2))
      else if (files.length === 0) console.log(`${plainText(runs.join(', '))}: nothing was measured yet.`)
      else console.log([...files.map(shortPath), formatCount(files.length, 'file')].join('\n'))
    })
}

function formatOption(): Option {
  const pictures: readonly Format[] = ['svg', 'png']
  return new Option('--format <format>', 'svg and png for pictures, html for one file with all; may be given again')
    .choices(formats)
    .default(pictures)
    .argParser((text, earlier: readonly Format[]) => {
      const format = formats.find(known => known === text)
      if (format === undefined) throw new InvalidArgumentError(`There are: ${formats.join(', ')}.`)
      return earlier === pictures ? [format] : [...new Set([...earlier, format])]
    })
}

/** @returns the files; none where nothing was measured */
async function draw(
  journal: Journal,
  store: Store,
  drawn: readonly RunCharts[],
  { place, formats }: { place: string; formats: readonly Format[] },
): Promise<string[]> {
  const [only] = drawn.length === 1 ? drawn : []
  const charts = only === undefined ? overlayCharts(drawn) : only.charts
  if (charts.length === 0) return []
  // No other command should load what draws.
  const { saveCharts } = await import('../../reports/save-charts.ts')
  const pictures = formats.filter(format => format !== 'html')
  const files = await saveCharts(charts, place, pictures)
  if (!formats.includes('html')) return files
  const document =
    only === undefined
      ? runsDocument(
          drawn.map(({ run }) => runOverview(journal, store, run)),
          charts,
        )
      : runDocument(
          runReport(journal, store, only.run),
          { charts, retrievals: await retrievalsOf(store, only.run) },
          store.folder,
        )
  const file = path.join(place, 'report.html')
  await writePage(document, file)
  return [...files, file]
}
