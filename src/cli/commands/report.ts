import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Command, Option } from 'commander'
import { runReport } from '../../history/run-report.ts'
import type { Chart } from '../../reports/chart.ts'
import { writeFileAtomically } from '../../storage/atomic-file.ts'
import { shortPath } from '../command-hint.ts'
import { runArgument, type StoreOptions, storeOption } from '../common-options.ts'
import { findRun, withJournal } from '../open-run.ts'
import { chartsOfRun } from '../report/charts-of-run.ts'
import { documentToMarkdown } from '../report/markdown.ts'
import { runDocument } from '../report/run-document.ts'

interface ReportOptions extends StoreOptions {
  readonly out?: string
}

/** `chronograd report`: the story of a run as Markdown. */
export function reportCommand(): Command {
  return new Command('report')
    .description('Write the story of a run as Markdown: what happened, results, diagnoses, plots, configuration.')
    .addArgument(runArgument())
    .addOption(
      new Option(
        '--out <path>',
        'write it there with its plots beside it: to a file that ends in .md, or to report.md in a folder (default: print it, without plots)',
      ),
    )
    .addOption(storeOption())
    .action(async (wanted: string, { store: folder, out }: ReportOptions) => {
      // Only the plots need what no subscriber has taken in yet, and take it in.
      await withJournal(folder, { readOnly: out === undefined }, async (journal, store) => {
        const run = findRun(journal, wanted, folder)
        const report = runReport(journal, store, run)
        if (out === undefined) {
          process.stdout.write(documentToMarkdown(runDocument(report, [], folder), new Map()))
          return
        }
        const place = placeOf(out)
        const charts = await chartsOfRun(journal, run)
        const pictures = await drawBeside(charts, place)
        const text = documentToMarkdown(runDocument(report, charts, folder), pictures)
        await writeFileAtomically(place.file, handle => writeFile(handle, text))
        const files = [place.file, ...Array.from(pictures.values(), link => path.join(place.folder, link))]
        console.log(files.map(shortPath).join('\n'))
      })
    })
}

interface Place {
  readonly folder: string
  readonly file: string
  /** The folder of the pictures, below that of the file. */
  readonly plots: string
}

function placeOf(out: string): Place {
  if (!/\.(md|markdown)$/i.test(out)) return { folder: out, file: path.join(out, 'report.md'), plots: 'plots' }
  // Reports on several runs may lie in one folder.
  return { folder: path.dirname(out), file: out, plots: `${path.basename(out, path.extname(out))}-plots` }
}

/** @returns the pictures' places, relative to the file */
async function drawBeside(charts: readonly Chart[], { folder, plots }: Place): Promise<ReadonlyMap<Chart, string>> {
  const { saveCharts } = await import('../../reports/save-charts.ts')
  await saveCharts(charts, path.join(folder, plots), ['png'])
  return new Map(charts.map(chart => [chart, `${plots}/${chart.name}.png`]))
}
