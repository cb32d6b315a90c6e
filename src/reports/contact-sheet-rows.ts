import type { Sample } from '../data/source.ts'
import { colours, contactSheetLayout, drawRule, drawText, drawTick, drawTile } from './contact-sheet-style.ts'
import { wrapText } from './wrap-text.ts'

/** One picture that a text found. */
export interface FoundPicture {
  /** Best the original: a path, encoded bytes or pixels. */
  readonly picture: Sample['image']
  /** What the picture is called. */
  readonly label: string
  /** Whether it is a right answer. */
  readonly right: boolean
  /** Its similarity to the text. */
  readonly score: number
}

/** One text that a picture found. */
export interface FoundText {
  readonly text: string
  /** Whether it is a right answer. */
  readonly right: boolean
  /** Its similarity to the picture. */
  readonly score: number
}

/** A text that was asked with, and the pictures nearest to it, best first. */
export interface TextRow {
  readonly query: string
  readonly results: readonly FoundPicture[]
}

/** A picture that was asked with, what it is called, and the texts nearest to it, best first. */
export interface PictureRow {
  readonly picture: Sample['image']
  readonly label: string
  readonly results: readonly FoundText[]
}

const { margin, queryWidth, tile, tileGap, rowPadding } = contactSheetLayout

/** Where the tile of a text's nth picture begins. */
export function tileLeft(column: number): number {
  return margin + queryWidth + tileGap + column * (tile + tileGap)
}

/** Where the texts that a picture found begin. */
export const foundTextLeft = margin + tile + 2 * tileGap

/** @param width of the sheet */
export async function drawTextRow({ query, results }: TextRow, top: number, width: number): Promise<string> {
  const size = 14
  const lines = wrapText(query, { width: queryWidth - 12, size, maximumLines: 5 })
  const middle = top + rowPadding + tile / 2
  const first = middle - ((lines.length - 1) * 20) / 2 + size * 0.36
  const parts = [
    drawRule(top, width),
    ...lines.map((line, index) => drawText(line, { x: margin, y: first + index * 20, size })),
  ]
  for (const [column, result] of results.entries()) {
    parts.push(await drawFoundPicture(result, tileLeft(column), top + rowPadding))
  }
  return parts.join('\n')
}

async function drawFoundPicture(result: FoundPicture, left: number, top: number): Promise<string> {
  const { picture, label, score, right } = result
  return [
    await drawTile(picture, { left, top, right }),
    drawText(score.toFixed(2), {
      x: left + tile / 2,
      y: top + tile + 17,
      size: 10,
      fill: colours.quiet,
      anchor: 'middle',
    }),
    drawLabel(label, left + tile / 2, top + tile + 31),
  ].join('\n')
}

/** @param width of the sheet */
export async function drawPictureRow(row: PictureRow, top: number, width: number): Promise<string> {
  const { picture, label, results } = row
  const size = 14
  const [inset, highest] = [8, 22]
  const pitch = Math.min(highest, (tile - 2 * inset) / Math.max(1, results.length - 1))
  const room = width - margin - foundTextLeft - 84
  const lines = results.map(({ text, right, score }, index) => {
    const middle = top + rowPadding + inset + index * pitch
    const y = middle + size * 0.36
    const weight = right ? 'bold' : 'normal'
    const [line = ''] = wrapText(text, { width: room, size, weight, maximumLines: 1 })
    return [
      drawText(score.toFixed(2), { x: foundTextLeft + 36, y, size: 11, fill: colours.quiet, anchor: 'end' }),
      right ? drawTick(foundTextLeft + 58, middle, 0.7) : '',
      drawText(line, { x: foundTextLeft + 80, y, size, weight }),
    ].join('\n')
  })
  return [
    drawRule(top, width),
    await drawTile(picture, { left: margin, top: top + rowPadding, right: false }),
    drawLabel(label, margin + tile / 2, top + rowPadding + tile + 17),
    ...lines,
  ].join('\n')
}

/** What a picture is called, below it. */
function drawLabel(label: string, middle: number, y: number): string {
  const lines = wrapText(label, { width: tile + tileGap - 8, size: 10.5, maximumLines: 2 })
  return lines
    .map((line, index) => drawText(line, { x: middle, y: y + index * 13, size: 10.5, anchor: 'middle' }))
    .join('\n')
}
