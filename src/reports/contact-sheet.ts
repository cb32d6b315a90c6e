import {
  drawPictureRow,
  drawTextRow,
  foundTextLeft,
  type PictureRow,
  type TextRow,
  tileLeft,
} from './contact-sheet-rows.ts'
import { colours, contactSheetLayout, drawText, drawTick } from './contact-sheet-style.ts'
import { fontFamily } from './font.ts'
import { svgToPng } from './svg.ts'
import { wrapText } from './wrap-text.ts'

export interface ContactSheet {
  readonly title: string
  readonly subtitle: string
  /** Texts, each with the pictures nearest to it. */
  readonly textRows: readonly TextRow[]
  /** Pictures, each with the texts nearest to it; none unless told. */
  readonly pictureRows?: readonly PictureRow[]
}

const { zoom, margin, header, queryWidth, tile, tileGap, textRowHeight, pictureRowHeight, sectionHeader, footer } =
  contactSheetLayout

/**
 * Draws sample retrievals to look at: a row for each text, with the pictures that lie nearest to it, best first, and a row
 * for each picture, with the texts nearest to it. Right answers have a tick, and a thick frame or thick letters, which can
 * also be told apart without colour.
 *
 * @returns a PNG
 * @throws PictureError where a picture cannot be decoded
 *
 * @example
 * await writeFile('retrievals.png', await drawContactSheet({
 *   title: 'Epoch 30',
 *   subtitle: 'recall@1 41.2 %, recall@5 72.9 %',
 *   textRows: [{ query: 'dog face', results: [{ picture: 'dog.png', label: 'dog face', right: true, score: 0.83 }] }],
 *   pictureRows: [{ picture: 'dog.png', label: 'dog face', results: [{ text: 'a puppy', right: true, score: 0.78 }] }],
 * }))
 */
export async function drawContactSheet({ title, subtitle, textRows, pictureRows = [] }: ContactSheet): Promise<Buffer> {
  const columns = Math.max(1, ...textRows.map(({ results }) => results.length))
  const width = margin * 2 + queryWidth + columns * (tile + tileGap)
  const pictureTop = header + textRows.length * textRowHeight
  const firstPictureRow = pictureTop + (pictureRows.length === 0 ? 0 : sectionHeader)
  const height = firstPictureRow + pictureRows.length * pictureRowHeight + footer
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="${fontFamily}">`,
    `<rect width="100%" height="100%" fill="${colours.paper}"/>`,
    drawHeader(title, subtitle, columns, width),
  ]
  for (const [index, row] of textRows.entries()) {
    parts.push(await drawTextRow(row, header + index * textRowHeight, width))
  }
  if (pictureRows.length > 0) parts.push(drawSectionHeader(pictureTop + sectionHeader - 10))
  for (const [index, row] of pictureRows.entries()) {
    parts.push(await drawPictureRow(row, firstPictureRow + index * pictureRowHeight, width))
  }
  parts.push(drawFooter(height, [...textRows, ...pictureRows].some(hasRight)), '</svg>')
  return svgToPng(parts.join('\n'), zoom)
}

/** Above a column. */
const caption = { size: 11, fill: colours.quiet } as const

function drawHeader(title: string, subtitle: string, columns: number, width: number): string {
  const room = { width: width - 2 * margin, maximumLines: 1 }
  return [
    drawText(oneLine(title, { ...room, size: 20, weight: 'bold' }), { x: margin, y: 38, size: 20, weight: 'bold' }),
    drawText(oneLine(subtitle, { ...room, size: 13 }), { x: margin, y: 60, size: 13, fill: colours.quiet }),
    drawText('Text', { ...caption, x: margin, y: 86 }),
    ...Array.from({ length: columns }, (_, column) =>
      drawText(`${column + 1}`, { ...caption, x: tileLeft(column) + tile / 2, y: 86, anchor: 'middle' }),
    ),
  ].join('\n')
}

function drawSectionHeader(y: number): string {
  return [
    drawText('Picture', { ...caption, x: margin, y }),
    drawText('The texts nearest to it', { ...caption, x: foundTextLeft + 80, y }),
  ].join('\n')
}

/** @param explainsTick whether there are ticks to explain */
function drawFooter(height: number, explainsTick: boolean): string {
  const y = height - 18
  if (!explainsTick) return drawText('The numbers are cosine similarities.', { ...caption, x: margin, y })
  return [
    drawTick(margin + 8, y - 4, 0.7),
    drawText('right answer; the numbers are cosine similarities', { ...caption, x: margin + 24, y }),
  ].join('\n')
}

function hasRight({ results }: TextRow | PictureRow): boolean {
  return results.some(({ right }) => right)
}

function oneLine(content: string, box: Parameters<typeof wrapText>[1]): string {
  return wrapText(content, box).join(' ')
}
