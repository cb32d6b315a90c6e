import stringWidth from 'string-width'

const characters = new Intl.Segmenter()

/** As much of the beginning of a text as a terminal shows in so many columns; some characters take two. */
export function fitColumns(text: string, columns: number): string {
  let [fitting, taken] = ['', 0]
  for (const { segment } of characters.segment(text)) {
    taken += stringWidth(segment)
    if (taken > columns) break
    fitting += segment
  }
  return fitting
}
