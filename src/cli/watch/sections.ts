/** A part of a frame, which can be drawn on more rows or fewer. */
export interface Section {
  readonly title: string
  /** So many rows it should have before others have more than they must, as it usually has, and at most. */
  readonly rows: { readonly least: number; readonly usual: number; readonly most: number }
  /** How many of so many rows it can make use of. */
  readonly fitting: (rows: number) => number
  readonly draw: (rows: number) => readonly string[]
}

/**
 * Shares rows out among the parts of a frame: first each gets what it must have, then what it usually has, then as much as it can
 * use; the first ones first. One that has no row is left out.
 *
 * @param extra rows that come with each part that is there, for its title
 */
export function shareRows(rows: number, extra: number, sections: readonly Section[]): number[] {
  const shares = sections.map(() => 0)
  let left = rows
  for (const measure of ['least', 'usual', 'most'] as const) {
    for (const [place, section] of sections.entries()) {
      const share = shares[place] ?? 0
      const cost = share === 0 ? extra : 0
      const wanted = Math.min(section.rows[measure], share + left - cost)
      const larger = wanted > 0 ? section.fitting(wanted) : 0
      if (larger <= share) continue
      shares[place] = larger
      left -= larger - share + cost
    }
  }
  return shares
}
