import stringWidth from 'string-width'

const characters = new Intl.Segmenter()

const escapeCode = '\u001b'

/** What turns colours on and off. It takes no room. */
const colourCode = new RegExp(`(${escapeCode}\\[[\\d;]*m)`)

/**
 * As much of the beginning of a text as a terminal shows in so many columns; some characters take two. Every code for a colour
 * stays, so that none goes on behind the text.
 */
export function fitColumns(text: string, columns: number): string {
  let [fitting, taken] = ['', 0]
  for (const [index, part] of text.split(colourCode).entries()) {
    if (index % 2 === 1) {
      fitting += part
      continue
    }
    for (const { segment } of characters.segment(part)) {
      taken += stringWidth(segment)
      if (taken > columns) break
      fitting += segment
    }
  }
  return fitting
}
