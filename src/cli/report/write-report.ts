import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { runReport } from '../../history/run-report.ts'
import type { Journal } from '../../journal/journal.ts'
import type { Chart } from '../../reports/chart.ts'
import { writeFileAtomically } from '../../storage/atomic-file.ts'
import type { Store } from '../../storage/store.ts'
import { chartsOfRun } from './charts-of-run.ts'
import type { Document, Picture } from './document.ts'
import { documentToMarkdown } from './markdown.ts'
import { retrievalsOf } from './retrievals-of.ts'
import { type RunPictures, runDocument } from './run-document.ts'

/**
 * Writes the story of a run to a file: as one page where it ends in .html, and else as Markdown, its pictures in a folder beside
 * it.
 *
 * @param out the file; one that ends neither in .html nor in .md is a folder for `report.md`
 * @returns the files
 */
export async function writeReport(journal: Journal, store: Store, run: string, out: string): Promise<string[]> {
  const report = runReport(journal, store, run)
  const pictures = { charts: await chartsOfRun(journal, run), retrievals: await retrievalsOf(store, run) }
  const document = runDocument(report, pictures, store.folder)
  if (/\.html?$/i.test(out)) {
    await writePage(document, out)
    return [out]
  }
  const place = placeOf(out)
  const links = await drawBeside(pictures, place)
  await write(place.file, documentToMarkdown(document, links))
  return [place.file, ...Array.from(links.values(), link => path.join(place.folder, link))]
}

/** Writes a document as one page that holds its pictures. */
export async function writePage(document: Document, file: string): Promise<void> {
  // No other command should load what draws.
  const { documentToHtml } = await import('./html.ts')
  await write(file, documentToHtml(document))
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
async function drawBeside(
  { charts, retrievals }: RunPictures,
  { folder, plots }: Place,
): Promise<ReadonlyMap<Chart | Picture, string>> {
  const { saveCharts } = await import('../../reports/save-charts.ts')
  await saveCharts(charts, path.join(folder, plots), ['png'])
  const drawn = retrievals === null ? charts : [...charts, retrievals]
  const links = new Map(drawn.map(picture => [picture, `${plots}/${picture.name}.png`]))
  if (retrievals !== null) await write(path.join(folder, plots, `${retrievals.name}.png`), retrievals.png)
  return links
}

function write(file: string, content: string | Buffer): Promise<void> {
  return writeFileAtomically(file, handle => writeFile(handle, content))
}
