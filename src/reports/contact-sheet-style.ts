import sharp from 'sharp'
import { decodePicture } from '../data/decode-picture.ts'
import type { Sample } from '../data/source.ts'
import { escapeXml } from './svg.ts'

/** Sizes in the SVG's pixels. The PNG has `zoom` times as many. */
export const contactSheetLayout = {
  zoom: 2,
  margin: 28,
  header: 96,
  /** The column of the texts that were asked with. */
  queryWidth: 236,
  tile: 100,
  /** Between a picture and its frame. */
  padding: 6,
  tileGap: 20,
  /** From a row's top to its pictures. */
  rowPadding: 14,
  /** A text and its pictures. */
  textRowHeight: 172,
  /** A picture and its texts. */
  pictureRowHeight: 164,
  /** Between the rows of texts and those of pictures. */
  sectionHeader: 44,
  footer: 40,
} as const

export const colours = {
  paper: '#ffffff',
  ink: '#1f2328',
  quiet: '#59636e',
  line: '#d1d9e0',
  right: '#1a7f37',
}

const { zoom, tile, padding, margin } = contactSheetLayout
const pictureSide = tile - 2 * padding
/** Thick against thin, so that a frame says its meaning without colour too. */
const rightFrame = { inset: -2, stroke: colours.right, thickness: 4 }
const plainFrame = { inset: 0.5, stroke: colours.line, thickness: 1 }

export interface TextStyle {
  readonly x: number
  readonly y: number
  readonly size: number
  readonly fill?: string
  readonly weight?: 'normal' | 'bold'
  readonly anchor?: 'start' | 'middle' | 'end'
}

export function drawText(
  content: string,
  { x, y, size, fill = colours.ink, weight = 'normal', anchor = 'start' }: TextStyle,
): string {
  return `<text x="${x}" y="${y}" font-size="${size}" font-weight="${weight}" fill="${fill}" text-anchor="${anchor}">${escapeXml(content)}</text>`
}

/** A line across the sheet. */
export function drawRule(y: number, width: number): string {
  return `<path d="M${margin} ${y}H${width - margin}" stroke="${colours.line}"/>`
}

/** A picture in its frame, `tile` wide and high; a right answer has a thick frame and a tick. */
export async function drawTile(
  picture: Sample['image'],
  { left, top, right }: { left: number; top: number; right: boolean },
): Promise<string> {
  const uri = await pictureUri(picture)
  const frame = right ? rightFrame : plainFrame
  const side = tile - 2 * frame.inset
  return [
    `<image x="${left + padding}" y="${top + padding}" width="${pictureSide}" height="${pictureSide}" href="${uri}"/>`,
    `<rect x="${left + frame.inset}" y="${top + frame.inset}" width="${side}" height="${side}" rx="5" fill="none" stroke="${frame.stroke}" stroke-width="${frame.thickness}"/>`,
    right ? drawTick(left + tile, top, 1) : '',
  ].join('\n')
}

/** A tick in a disc around (x, y). It is drawn, not set, so that it needs no font. */
export function drawTick(x: number, y: number, scale: number): string {
  return (
    `<g transform="translate(${x} ${y}) scale(${scale})"><circle r="12" fill="${colours.right}" stroke="${colours.paper}" stroke-width="2"/>` +
    `<path d="M-5 0.5L-1.5 4L5.5 -4" fill="none" stroke="${colours.paper}" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"/></g>`
  )
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
