import stringWidth from 'string-width'

const characters = new Intl.Segmenter()

/** What turns colours on and off. It takes no room. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: such codes begin with one
const colourCode = /(\u001b\[[\d;]*m)/

/** One that takes a column for sure: measuring it would take far longer than drawing it. */
const simple = /^[ -~─-▟]$/

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
      taken += simple.test(segment) ? 1 : stringWidth(segment)
      if (taken > columns) break
      fitting += segment
    }
  }
  return fitting
}
