import { Command, Option } from 'commander'
import { runReport } from '../../history/run-report.ts'
import { shortPath } from '../command-hint.ts'
import { runArgument, type StoreOptions, storeOption } from '../common-options.ts'
import { findRun, withJournal } from '../open-run.ts'
import { documentToMarkdown } from '../report/markdown.ts'
import { noPictures, runDocument } from '../report/run-document.ts'
import { writeReport } from '../report/write-report.ts'

interface ReportOptions extends StoreOptions {
  readonly out?: string
}

/** `chronograd report`: the story of a run as Markdown, or as a page. */
export function reportCommand(): Command {
  return new Command('report')
    .description(
      'Write the story of a run, as Markdown or as one page: what happened, results, diagnoses, plots, checkpoints, configuration.',
    )
    .addArgument(runArgument())
    .addOption(
      new Option(
        '--out <path>',
        'write it there: to one page that ends in .html, to a file that ends in .md with its plots beside it, or to report.md in a folder (default: print it, without plots)',
      ),
    )
    .addOption(storeOption())
    .action(async (wanted: string, { store: folder, out }: ReportOptions) => {
      // Only the plots need what no subscriber has taken in yet, and take it in.
      await withJournal(folder, { readOnly: out === undefined }, async (journal, store) => {
        const run = findRun(journal, wanted, folder)
        if (out === undefined) {
          const told = runDocument(runReport(journal, store, run), noPictures, folder)
          process.stdout.write(documentToMarkdown(told, new Map()))
          return
        }
        console.log((await writeReport(journal, store, run, out)).map(shortPath).join('\n'))
      })
    })
}
