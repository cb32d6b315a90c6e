import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

export type FontWeight = 'normal' | 'bold'

/** The font of all drawn reports. It comes with the library, so that a report looks the same on every machine. */
export const fontFamily = 'DejaVu Sans'

const resolve = createRequire(import.meta.url).resolve

export const fontFiles: Readonly<Record<FontWeight, string>> = {
  normal: resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'),
  bold: resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'),
}

/** How far each code point moves the pen, in ems. */
type Advances = (codePoint: number) => number

const advances: Partial<Record<FontWeight, Advances>> = {}

/** The width of `text` set in one line, in the units of `size`, kerning left aside. */
export function textWidth(text: string, size: number, weight: FontWeight = 'normal'): number {
  advances[weight] ??= readAdvances(readFileSync(fontFiles[weight]))
  let width = 0
  for (const character of text) width += advances[weight](character.codePointAt(0) ?? 0)
  return width * size
}

/** Reads the tables `head`, `hhea`, `hmtx` and `cmap` (format 12) of a TrueType font, as the OpenType standard has them. */
function readAdvances(bytes: Buffer): Advances {
  const font = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const tables = new Map<string, number>()
  for (let i = 0; i < font.getUint16(4); i++) {
    const record = 12 + 16 * i
    tables.set(bytes.toString('latin1', record, record + 4), font.getUint32(record + 8))
  }
  const table = (name: string): number => {
    const offset = tables.get(name)
    if (offset === undefined) throw new Error(`The font has no table ${name}.`)
    return offset
  }

  const unitsPerEm = font.getUint16(table('head') + 18)
  const metrics = font.getUint16(table('hhea') + 34)
  const hmtx = table('hmtx')
  const segments = readSegments(font, table('cmap'))
  return codePoint => {
    const segment = segments.find(({ first, last }) => codePoint >= first && codePoint <= last)
    // A character that the font lacks is drawn as its glyph 0.
    const glyph = segment === undefined ? 0 : segment.glyph + codePoint - segment.first
    return font.getUint16(hmtx + 4 * Math.min(glyph, metrics - 1)) / unitsPerEm
  }
}

/** Runs of code points whose glyphs follow one another. */
function readSegments(font: DataView, cmap: number): { first: number; last: number; glyph: number }[] {
  for (let i = 0; i < font.getUint16(cmap + 2); i++) {
    const subtable = cmap + font.getUint32(cmap + 8 + 8 * i)
    if (font.getUint16(subtable) !== 12) continue
    return Array.from({ length: font.getUint32(subtable + 12) }, (_, run) => {
      const at = subtable + 16 + 12 * run
      return { first: font.getUint32(at), last: font.getUint32(at + 4), glyph: font.getUint32(at + 8) }
    })
  }
  throw new Error('The font has no character map of format 12.')
}
