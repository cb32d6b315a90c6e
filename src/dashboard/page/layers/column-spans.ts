/** Where a column is drawn, in steps. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** Columns side by side: each reaches half the way to its neighbours, and the outer ones as far on the other side. */
export function columnSpans(columns: readonly { readonly first: number; readonly last: number }[]): Span[] {
  return columns.map(({ first, last }, index) => {
    const [before, after] = [columns[index - 1], columns[index + 1]]
    const gapBefore = before === undefined ? undefined : first - before.last
    const gapAfter = after === undefined ? undefined : after.first - last
    return {
      from: first - (gapBefore ?? gapAfter ?? 1) / 2,
      to: last + (gapAfter ?? gapBefore ?? 1) / 2,
    }
  })
}

/** The place of the column that is nearest to a step. */
export function columnAt(columns: readonly { readonly first: number; readonly last: number }[], step: number): number {
  const distance = ({ first, last }: { readonly first: number; readonly last: number }) =>
    Math.max(first - step, step - last, 0)
  let nearest = 0
  for (const [place, column] of columns.entries()) {
    const known = columns[nearest]
    if (known !== undefined && distance(column) < distance(known)) nearest = place
  }
  return nearest
}
