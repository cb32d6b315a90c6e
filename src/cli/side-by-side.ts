import { formatTable, widthOf } from './format.ts'

/** What a table tells of one thing: its name, and a cell for each column. */
export interface NamedRow {
  readonly name: string
  readonly cells: readonly string[]
}

/** The longest line of a cell. */
const longestLine = 32

/** A table with a named column for each of several things. Where it would be too wide, it goes on in a table below. */
export function sideBySide(
  title: string,
  columns: readonly string[],
  rows: readonly NamedRow[],
  width = Number.POSITIVE_INFINITY,
): string {
  const draw = (from: number, until: number) =>
    formatTable(
      [title, ...columns.slice(from, until).map(inLines)],
      rows.map(({ name, cells }) => [name, ...cells.slice(from, until)]),
    )
  const tables: string[] = []
  for (let from = 0; from < columns.length; ) {
    let until = from + 1
    let table = draw(from, until)
    while (until < columns.length) {
      const wider = draw(from, until + 1)
      if (widthOf(wider) > width) break
      table = wider
      until++
    }
    tables.push(table)
    from = until
  }
  return tables.join('\n\n')
}

/** A long text as the lines of a cell. */
export function inLines(text: string): string {
  return text.replace(new RegExp(`.{${longestLine}}(?=.)`, 'gsu'), '$&\n')
}
