import sharp from 'sharp'
import { decodePicture } from '../data/decode-picture.ts'
import type { Sample } from '../data/source.ts'
import { fontFamily } from './font.ts'
import { escapeXml, svgToPng } from './svg.ts'
import { wrapText } from './wrap-text.ts'

/** One picture that a text found. */
export interface ContactSheetResult {
  /** Best the original: a path, encoded bytes or pixels. */
  readonly picture: Sample['image']
  /** What the picture is called. */
  readonly label: string
  /** Whether it is a right answer. */
  readonly right: boolean
  /** Its similarity to the text. */
  readonly score: number
}

export interface ContactSheet {
  readonly title: string
  readonly subtitle: string
  readonly rows: readonly {
    /** The text that was asked with. */
    readonly query: string
    /** The nearest pictures, best first. */
    readonly results: readonly ContactSheetResult[]
  }[]
}

/** Sizes in the SVG's pixels. The PNG has `zoom` times as many. */
export const contactSheetLayout = {
  zoom: 2,
  margin: 28,
  header: 96,
  queryWidth: 236,
  tile: 100,
  /** Between a picture and its frame. */
  padding: 6,
  tileGap: 20,
  rowHeight: 172,
  footer: 40,
} as const

const colours = {
  paper: '#ffffff',
  ink: '#1f2328',
  quiet: '#59636e',
  line: '#d1d9e0',
  right: '#1a7f37',
}

const { zoom, margin, header, queryWidth, tile, padding, tileGap, rowHeight, footer } = contactSheetLayout
const pictureSide = tile - 2 * padding
/** Thick against thin, so that a frame says its meaning without colour too. */
const rightFrame = { inset: -2, stroke: colours.right, thickness: 4 }
const wrongFrame = { inset: 0.5, stroke: colours.line, thickness: 1 }

/**
 * Draws sample retrievals to look at: a row for each text, with the pictures that lie nearest to it, best first. Right
 * answers have a tick and a thick frame, which can also be told apart without colour.
 *
 * @returns a PNG
 * @throws PictureError where a picture cannot be decoded
 *
 * @example
 * await writeFile('retrievals.png', await drawContactSheet({
 *   title: 'Text to picture, epoch 30',
 *   subtitle: 'recall@1 41.2 %, recall@5 72.9 %',
 *   rows: [{ query: 'dog face', results: [{ picture: 'dog.png', label: 'dog face', right: true, score: 0.83 }] }],
 * }))
 */
export async function drawContactSheet({ title, subtitle, rows }: ContactSheet): Promise<Buffer> {
  const columns = Math.max(1, ...rows.map(({ results }) => results.length))
  const width = margin * 2 + queryWidth + columns * (tile + tileGap)
  const height = header + rows.length * rowHeight + footer
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="${fontFamily}">`,
    `<rect width="100%" height="100%" fill="${colours.paper}"/>`,
    drawHeader(title, subtitle, columns, width),
  ]
  for (const [row, { query, results }] of rows.entries()) {
    const top = header + row * rowHeight
    parts.push(drawQuery(query, top, width))
    for (const [column, result] of results.entries()) {
      parts.push(await drawResult(result, leftOf(column), top + 14))
    }
  }
  parts.push(drawFooter(height), '</svg>')
  return svgToPng(parts.join('\n'), zoom)
}

function leftOf(column: number): number {
  return margin + queryWidth + tileGap + column * (tile + tileGap)
}

function drawHeader(title: string, subtitle: string, columns: number, width: number): string {
  const ranks = Array.from({ length: columns }, (_, column) =>
    text(`${column + 1}`, { x: leftOf(column) + tile / 2, y: 86, size: 11, fill: colours.quiet, anchor: 'middle' }),
  )
  const room = { width: width - 2 * margin, maximumLines: 1 }
  return [
    text(oneLine(title, { ...room, size: 20, weight: 'bold' }), { x: margin, y: 38, size: 20, weight: 'bold' }),
    text(oneLine(subtitle, { ...room, size: 13 }), { x: margin, y: 60, size: 13, fill: colours.quiet }),
    text('Text', { x: margin, y: 86, size: 11, fill: colours.quiet }),
    ...ranks,
  ].join('\n')
}

function drawQuery(query: string, top: number, width: number): string {
  const size = 14
  const lines = wrapText(query, { width: queryWidth - 12, size, maximumLines: 5 })
  const middle = top + 14 + tile / 2
  const first = middle - ((lines.length - 1) * 20) / 2 + size * 0.36
  return [
    `<path d="M${margin} ${top}H${width - margin}" stroke="${colours.line}"/>`,
    ...lines.map((line, index) => text(line, { x: margin, y: first + index * 20, size })),
  ].join('\n')
}

async function drawResult(result: ContactSheetResult, left: number, top: number): Promise<string> {
  const { picture, label, score } = result
  const uri = await pictureUri(picture)
  const frame = result.right ? rightFrame : wrongFrame
  const side = tile - 2 * frame.inset
  const middle = left + tile / 2
  const lines = wrapText(label, { width: tile + tileGap - 8, size: 10.5, maximumLines: 2 })
  return [
    `<image x="${left + padding}" y="${top + padding}" width="${pictureSide}" height="${pictureSide}" href="${uri}"/>`,
    `<rect x="${left + frame.inset}" y="${top + frame.inset}" width="${side}" height="${side}" rx="5" fill="none" stroke="${frame.stroke}" stroke-width="${frame.thickness}"/>`,
    result.right ? tick(left + tile, top) : '',
    text(score.toFixed(2), { x: middle, y: top + tile + 17, size: 10, fill: colours.quiet, anchor: 'middle' }),
    ...lines.map((line, index) =>
      text(line, { x: middle, y: top + tile + 31 + index * 13, size: 10.5, anchor: 'middle' }),
    ),
  ].join('\n')
}

/** A tick in a disc around (x, y). It is drawn, not set, so that it needs no font. */
function tick(x: number, y: number): string {
  return (
    `<g transform="translate(${x} ${y})"><circle r="12" fill="${colours.right}" stroke="${colours.paper}" stroke-width="2"/>` +
    `<path d="M-5 0.5L-1.5 4L5.5 -4" fill="none" stroke="${colours.paper}" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"/></g>`
  )
}

function drawFooter(height: number): string {
  const y = height - 18
  return [
    `<g transform="translate(${margin + 8} ${y - 4}) scale(0.7)">${tick(0, 0)}</g>`,
    text('right answer; the number under a picture is its cosine similarity to the text', {
      x: margin + 24,
      y,
      size: 11,
      fill: colours.quiet,
    }),
  ].join('\n')
}

interface TextStyle {
  readonly x: number
  readonly y: number
  readonly size: number
  readonly fill?: string
  readonly weight?: 'normal' | 'bold'
  readonly anchor?: 'start' | 'middle'
}

function text(
  content: string,
  { x, y, size, fill = colours.ink, weight = 'normal', anchor = 'start' }: TextStyle,
): string {
  return `<text x="${x}" y="${y}" font-size="${size}" font-weight="${weight}" fill="${fill}" text-anchor="${anchor}">${escapeXml(content)}</text>`
}

function oneLine(content: string, box: Parameters<typeof wrapText>[1]): string {
  return wrapText(content, box).join(' ')
}

/** The picture at the sheet's full resolution, as a data URI. */
async function pictureUri(picture: Sample['image']): Promise<string> {
  const size = pictureSide * zoom
  const pixels = await decodePicture(picture, { size, background: [255, 255, 255] })
  const png = await sharp(pixels, { raw: { width: size, height: size, channels: 3 } })
    .png()
    .toBuffer()
  return `data:image/png;base64,${png.toString('base64')}`
}
