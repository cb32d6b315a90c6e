import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import pc from 'picocolors'
import { drawContactSheet } from '../reports/contact-sheet.ts'
import type { TextRow } from '../reports/contact-sheet-rows.ts'
import type { SearchResult } from '../search/search-run.ts'
import { writeFileAtomically } from '../storage/atomic-file.ts'
import { shortPath } from './command-hint.ts'
import { formatCount, formatTable, plainText } from './format.ts'

/** So many pictures stand in one row of the sheet. */
const columns = 8

/** What was found as a person reads it. */
export function describeSearch(query: string, result: SearchResult, sheet: string): string {
  const { found, captions } = result
  const rows = found.map(({ rank, similarity, key, caption }) => [
    String(rank),
    similarity.toFixed(3),
    plainText(caption),
    plainText(key),
  ])
  const parts = [
    `${pc.bold(plainText(query))}: the nearest of ${searchedIn(result)}.`,
    formatTable(['rank', 'similarity', 'caption', 'key'], rows),
  ]
  if (captions.length > 0) {
    const texts = captions.map(({ caption, similarity }) => [similarity.toFixed(3), plainText(caption)])
    parts.push(formatTable(['similarity', 'caption nearest to it'], texts))
  }
  return [...parts, `Drawn in ${shortPath(sheet)}`].join('\n\n')
}

export function searchAsJson(query: string, { found, ...result }: SearchResult, sheet: string): string {
  const told = found.map(({ picture: _, ...sample }) => sample)
  return JSON.stringify({ ...result, query, found: told, sheet: path.resolve(sheet) }, null, 2)
}

/** Draws what was found into a PNG. */
export async function drawSearch(query: string, result: SearchResult, file: string): Promise<void> {
  const { run, found, captions } = result
  const isPicture = captions.length > 0
  const asked = isPicture ? path.basename(query) : query
  const textRows: TextRow[] = []
  for (let first = 0; first < found.length; first += columns) {
    const row = found.slice(first, first + columns)
    textRows.push({
      query: first === 0 ? asked : `${first + 1} to ${first + row.length}`,
      results: row.map(({ picture, caption, similarity }) => ({
        ...{ picture, label: caption, right: false },
        score: similarity,
      })),
    })
  }
  const nearest = captions.map(({ caption, similarity }) => ({ text: caption, right: false, score: similarity }))
  const pictureRows = isPicture ? [{ picture: query, label: asked, results: nearest }] : []
  const title = isPicture ? `${run}: ${asked}` : `${run}: “${asked}”`
  const subtitle = `The nearest of ${searchedIn(result)}.`
  const png = await drawContactSheet({ title, subtitle, textRows, pictureRows })
  await writeFileAtomically(file, handle => writeFile(handle, png))
}

function searchedIn({ pictures, split, checkpoint, step }: SearchResult): string {
  const kind = split === 'val' ? 'validation picture' : 'training picture'
  return `${formatCount(pictures, kind)}, by ${plainText(checkpoint)} (step ${step})`
}
