import { type FontWeight, textWidth } from './font.ts'

export interface TextBox {
  /** The width of a line. */
  readonly width: number
  /** The font's size, in the same units. */
  readonly size: number
  readonly weight?: FontWeight
  readonly maximumLines: number
}

const ellipsis = '…'

/** Breaks `text` between words into lines that fit `box`. Where it does not all fit, the last line ends in "…". */
export function wrapText(text: string, { width, size, weight, maximumLines }: TextBox): string[] {
  const fits = (line: string) => textWidth(line, size, weight) <= width
  const words = text.split(/\s+/).filter(word => word !== '')
  const lines: string[] = []
  while (words.length > 0 && lines.length < maximumLines) {
    let line = words.shift() ?? ''
    while (words[0] !== undefined && fits(`${line} ${words[0]}`)) line += ` ${words.shift()}`
    lines.push(line)
  }
  const last = lines.pop()
  if (last === undefined) return []
  const cut = words.length > 0 ? ended(last) : last
  return [...lines, cut].map(line => (fits(line) ? line : shorten(line, fits)))
}

/** As much of the line's beginning as fits with an ellipsis. */
function shorten(line: string, fits: (line: string) => boolean): string {
  const characters = [...line]
  while (characters.length > 0 && !fits(ended(characters.join('')))) characters.pop()
  return ended(characters.join(''))
}

/** The text with an ellipsis in place of what punctuation it ends with. */
function ended(text: string): string {
  return text.replace(/[\s,.;:…]+$/, '') + ellipsis
}
